import { defineConfig, type OxlintOverride } from 'oxlint'
import { fileURLToPath } from 'node:url'
import { LAYERS, restrictedImports, TEST_FILES, type Layer } from './scripts/lint/layers.ts'
import { RAW_TIME_ADAPTERS, RAW_TIME_FREE, RAW_TIME_TESTS } from './scripts/lint/raw-time.ts'
import { roomRules, ROOMS, type Rooms } from './scripts/lint/rooms.ts'

/** Tools that ask for a default export, or have one. */
const TOOL_CONFIGS = ['**/*.config.ts', 'scripts/lint/raw-time.ts', 'scripts/types/s3rver.d.ts']

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  jsPlugins: [fileURLToPath(new URL('./scripts/lint/raw-time.ts', import.meta.url))],
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error' },
  // AssemblyScript only looks like TypeScript: its own compiler checks it.
  ignorePatterns: [
    '**/node_modules/**',
    'packages/engine/src/chunker/assembly/**',
    'dist/**',
    'coverage/**',
    'demo/**',
  ],
  rules: {
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert', '*Conformance'] }],
    eqeqeq: 'error',
    'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
    'no-var': 'error',
    'prefer-const': 'error',
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    // Handing on functions of a WebAssembly instance and `void expect(…)` in properties are fine here.
    'typescript/no-meaningless-void-operator': 'off',
    'typescript/unbound-method': 'off',
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  },
  overrides: [
    { files: TOOL_CONFIGS, rules: { 'import/no-default-export': 'off' } },
    // Their assertions are in the helpers of tests/support.
    { files: ['tests/**'], rules: { 'vitest/expect-expect': 'off' } },
    ...nodeRules(),
    {
      files: [...RAW_TIME_FREE],
      excludeFiles: [...TEST_FILES, ...RAW_TIME_TESTS, ...RAW_TIME_ADAPTERS],
      rules: { 'causeway/no-raw-time': 'error' },
    },
    ...LAYERS.flatMap(layerRules),
    ...LAYERS.filter((layer) => layer.onlyPackages !== undefined).map(pureRules),
  ],
})

function layerRules(layer: Layer): OxlintOverride[] {
  const rooms = ROOMS.filter(({ folder }) => folder === `${layer.folder}/src`)
  return [
    {
      files: [`${layer.folder}/src/**`],
      rules: { 'no-restricted-imports': ['error', { patterns: restrictedImports(layer, 'source') }] },
    },
    ...rooms.flatMap((table) => betweenRooms(layer, table)),
    {
      files: TEST_FILES.map((glob) => `${layer.folder}/src/${glob}`),
      rules: { 'no-restricted-imports': ['error', { patterns: restrictedImports(layer, 'test') }] },
    },
  ]
}

/** A rule takes the place of one for the same file before it: what the layer must not import is said again. */
function betweenRooms(layer: Layer, table: Rooms): OxlintOverride[] {
  return Object.keys(table.mayImport).flatMap((room) => {
    return roomRules(table, room).map(({ files, pattern }): OxlintOverride => {
      const patterns = [...restrictedImports(layer, 'source'), pattern]
      return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] } }
    })
  })
}

/** What every part of a node does through one place alone. */
function nodeRules(): OxlintOverride[] {
  const wallClock = { object: 'Date', property: 'now', message: 'a wait goes by a clock that nobody can set back' }
  const streams = ['stdout', 'stderr'].map((property) => {
    return { object: 'process', property, message: 'text reaches the terminal through cli/printing.ts' }
  })
  const refuse = (files: string[], properties: readonly object[]): OxlintOverride => {
    return { files, excludeFiles: [...TEST_FILES], rules: { 'no-restricted-properties': ['error', ...properties] } }
  }
  return [
    refuse(['packages/replica/src/**', 'packages/client/src/**'], [wallClock]),
    refuse(['apps/agent/src/**'], [wallClock, ...streams]),
    { files: ['apps/agent/src/**'], excludeFiles: [...TEST_FILES], rules: { 'no-console': 'error' } },
    // Where the clocks are.
    refuse(['apps/agent/src/cli/compose.ts'], streams),
    refuse(['apps/agent/src/cli/terminal.ts'], [wallClock]),
  ]
}

/** A pure layer gives the same answer every time: what it needs of the world is passed in. */
function pureRules(layer: Layer): OxlintOverride {
  const globals = ['process', 'Buffer', 'require', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance']
  return {
    files: [`${layer.folder}/src/**`],
    excludeFiles: TEST_FILES.map((glob) => `${layer.folder}/src/${glob}`),
    rules: {
      'no-restricted-globals': ['error', ...globals.map((name) => ({ name, message: layer.reason }))],
    },
  }
}
