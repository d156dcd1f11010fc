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
          testTimeout: 30_000,
        },
      },
      'tests/vitest.config.ts',
      'tests/browser/vitest.config.ts',
      'tests/cluster/vitest.s3.config.ts',
    ],
  },
})
