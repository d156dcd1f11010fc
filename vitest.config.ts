import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'apps/dashboard/src/**/*.test.tsx',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'tests/layers.test.ts',
            'tests/simulation/**/*.test.ts',
            'tests/crash-points/**/*.test.ts',
          ],
          // These need servers.
          exclude: ['**/node_modules/**', '**/*.cluster.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['packages/*/src/**/*.cluster.test.ts', 'tests/cluster/*.test.ts'],
          // Those need Ceph, and are a step of their own.
          exclude: ['**/node_modules/**', 'tests/cluster/s3-*.test.ts'],
          globalSetup: 'tests/cluster/global-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      'tests/vitest.config.ts',
      'tests/browser/vitest.config.ts',
      'tests/cluster/vitest.s3.config.ts',
    ],
  },
})
