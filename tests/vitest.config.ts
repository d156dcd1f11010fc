import { defineConfig } from 'vitest/config'

/** Whole processes on real directories: slower than units, so they have a project and limits of their own. */
export default defineConfig({
  test: {
    name: 'process',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    exclude: ['layers.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
