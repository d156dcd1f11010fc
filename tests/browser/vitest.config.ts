import { defineConfig } from 'vitest/config'

/** The dashboard in a real browser, against a real coordinator with real nodes. One file after the other. */
export default defineConfig({
  test: {
    name: 'browser',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
    fileParallelism: false,
  },
})
