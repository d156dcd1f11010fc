import { defineConfig } from 'vitest/config'

/** On a real S3 store: Ceph's object gateway, started for the run. */
export default defineConfig({
  test: {
    name: 's3',
    root: import.meta.dirname,
    include: ['s3-*.test.ts'],
    globalSetup: ['ceph-setup.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
})
