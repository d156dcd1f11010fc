import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LAYERS, type Layer } from '../scripts/lint/layers.ts'
import { isFile, ROOMS, type Rooms } from '../scripts/lint/rooms.ts'

/**
 * Each rule about who may import whom is broken once, in a tree of its own
 * that the project's linter reads with the project's configuration.
 */
const REPOSITORY = join(import.meta.dirname, '..')
const ALL_WORKSPACES = [
  'client',
  'contents',
  'disk',
  'engine',
  'log',
  'packing',
  'protocol',
  'replica',
  'store',
  'testkit',
  'time',
]
const APPS = ['coordinator', 'agent', 'dashboard']

interface Case {
  readonly title: string
  readonly file: string
  readonly code: string
  readonly rule: string | undefined
}

/** The project's own, without the rules that need types: none of those is about layers, and they take long. */
const CONFIGURATION = `import own from ${JSON.stringify(join(REPOSITORY, 'oxlint.config.ts'))}
export default { ...own, options: { ...own.options, typeAware: false } }
`

const IMPORTS = 'eslint(no-restricted-imports)'
const RAW_TIME = 'causeway(no-raw-time)'

const cases: Case[] = [
  ...LAYERS.flatMap((layer) => [...arrows(layer), ...leaving(layer), ...(isPure(layer) ? purity(layer) : [])]),
  ...rawTime(),
  ...ROOMS.flatMap(roomArrows),
  breaks('a default export', 'packages/store/src/a.ts', 'export default 1\n', 'import(no-default-export)'),
  allows('a default export in a tool configuration', 'packages/store/vite.config.ts', 'export default 1\n'),
]

let tree: string
let found: ReadonlyMap<string, ReadonlySet<string>>
let lines: ReadonlyMap<string, ReadonlySet<number>>

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'causeway-layers-'))
  await writeFile(join(tree, 'oxlint.config.ts'), CONFIGURATION)
  await writeFile(join(tree, 'package.json'), '{"type":"module"}\n')
  for (const [index, { file, code }] of cases.entries()) await write(numbered(file, index), code)
  for (const { file, code } of fileRooms) await write(file, code)
  ;({ found, lines } = await lint())
})

afterAll(() => rm(tree, { recursive: true, force: true }))

test('the table names every workspace', () => {
  expect(LAYERS.map((layer) => layer.folder)).toEqual([
    ...[
      'protocol',
      'engine',
      'time',
      'disk',
      'store',
      'replica',
      'client',
      'packing',
      'log',
      'contents',
      'testkit',
    ].map((name) => `packages/${name}`),
    ...APPS.map((name) => `apps/${name}`),
  ])
})

test.each(cases.map((one, index) => [one.title, one, index] as const))('%s', (_title, { file, rule }, index) => {
  const rules = found.get(numbered(file, index)) ?? new Set()
  expect([...rules]).toEqual(rule === undefined ? [] : [rule])
})

/** Every workspace is either allowed or refused, in source files as well as in tests. */
function arrows(layer: Layer): Case[] {
  const own = shortName(layer)
  const others = ALL_WORKSPACES.filter((name) => name !== own)
  const source = `${layer.folder}/src/a.ts`
  const inTests = `${layer.folder}/src/a.test.ts`
  return others.flatMap((name) => {
    const code = `import '@causeway/${name}'\n`
    const mayImport = layer.workspaces.includes(name)
    const testMayImport = mayImport || name === 'testkit' || (layer.testWorkspaces ?? []).includes(name)
    return [
      (mayImport ? allows : breaks)(`${source} importing ${name}`, source, code),
      (testMayImport ? allows : breaks)(`${inTests} importing ${name}`, inTests, code),
    ]
  })
}

/** Every room of an app is either allowed or refused to each other, however deep the file lies. */
function roomArrows({ folder, mayImport }: Rooms): Case[] {
  const rooms = Object.keys(mayImport)
  return rooms
    .filter((room) => !isFile(room))
    .flatMap((room) => {
      return [`${room}/a.ts`, `${room}/deep/a.ts`].flatMap((source) => {
        const file = `${folder}/${source}`
        const up = '../'.repeat(source.split('/').length - 1)
        const arrows = [...rooms.filter((other) => other !== room), 'main.ts'].map((other) => {
          const isAllowed = mayImport[room]?.includes(other) === true
          return (isAllowed ? allows : breaks)(`${file} importing ${other}`, file, `import '${up}${pathIn(other)}'\n`)
        })
        return [...arrows, allows(`${file} importing a file of its room`, file, `import './b.ts'\n`)]
      })
    })
}

function pathIn(room: string): string {
  return isFile(room) ? room : `${room}/b.ts`
}

/** Rooms that are one file can't be there once a case: each is there once, with a line a case. */
const fileRooms = ROOMS.flatMap(({ folder, mayImport }) => {
  const rooms = Object.keys(mayImport)
  return rooms.filter(isFile).map((room) => {
    const others = [...rooms.filter((other) => other !== room), 'main.ts']
    const refused = others.flatMap((other, index) => (mayImport[room]?.includes(other) === true ? [] : [index + 1]))
    const code = others.map((other) => `import './${pathIn(other)}'\n`).join('')
    return { file: `${folder}/${room}`, code, refused }
  })
})

test.each(fileRooms.map((one) => [one.file, one] as const))(
  '%s imports the rooms below it alone',
  (file, { refused }) => {
    expect([...(lines.get(file) ?? [])].toSorted((a, b) => a - b)).toEqual(refused)
  },
)

test('no two rooms may import each other, nor come back to themselves by a way round', () => {
  for (const { mayImport } of ROOMS) {
    const above = (room: string, seen: readonly string[]): readonly string[] =>
      (mayImport[room] ?? []).flatMap((next) => (seen.includes(next) ? [next] : above(next, [...seen, next])))
    for (const room of Object.keys(mayImport)) expect(above(room, [room])).toEqual([])
  }
})

/** Ways round a workspace's name. */
function leaving(layer: Layer): Case[] {
  const source = `${layer.folder}/src/deep/a.ts`
  const app = APPS.find((name) => name !== shortName(layer)) ?? ''
  return [
    breaks(`${source} importing an app by its name`, source, `import '@causeway/${app}'\n`),
    breaks(`${source} importing an app by its path`, source, `import '../../../../apps/${app}/src/main.ts'\n`),
    breaks(`${source} importing a workspace by its path`, source, `import '../../../engine/src/index.ts'\n`),
    breaks(`${source} reaching inside a workspace`, source, `import '@causeway/protocol/src/ids.ts'\n`),
    breaks(`${source} handing on another workspace`, source, `export * from '../../../engine/src/index.ts'\n`),
    allows(
      `${source} importing a file beside it`,
      source,
      `import './b.ts'\nimport '../c.ts'\nimport '../other/d.ts'\n`,
    ),
  ]
}

function purity(layer: Layer): Case[] {
  const source = `${layer.folder}/src/a.ts`
  const inTests = `${layer.folder}/src/a.test.ts`
  const globals = ['process', 'Buffer', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'require']
  return [
    ...['node:fs', 'node:crypto', 'fs', 'path', 'undici', 'zo', 'ignored', '@scope/some'].map((name) =>
      breaks(`${source} importing ${name}`, source, `import '${name}'\n`),
    ),
    ...(layer.onlyPackages ?? []).map((name) => allows(`${source} importing ${name}`, source, `import '${name}'\n`)),
    ...globals.map((name) =>
      breaks(`${source} using ${name}`, source, `export const a = ${name}\n`, 'eslint(no-restricted-globals)'),
    ),
    ...['Date.now()', 'Math.random()'].map((call) =>
      breaks(`${source} calling ${call}`, source, `export const a = ${call}\n`, RAW_TIME),
    ),
    allows(`${inTests} importing node:fs`, inTests, `import 'node:fs'\n`),
    allows(`${inTests} importing vitest`, inTests, `import 'vitest'\n`),
  ]
}

/** Each way to take time or chance from the system, and where it may be. */
function rawTime(): Case[] {
  const ways = [
    'setTimeout(String, 1)',
    'setInterval(String, 1)',
    'globalThis.setTimeout(String, 1)',
    'Date.now',
    "performance['now']()",
    'new Date()',
    'Date()',
    'process.hrtime()',
    'Math.random()',
    'crypto.randomUUID()',
    'AbortSignal.timeout(1)',
  ].map((expression) => `export const a = ${expression}\n`)
  const imports = [
    `{ setTimeout as some } from 'node:timers/promises'`,
    `{ setInterval as some } from 'timers'`,
    `{ randomUUID as some } from 'node:crypto'`,
    `{ randomBytes as some } from 'crypto'`,
    `{ performance as some } from 'node:perf_hooks'`,
  ].map((clause) => `import ${clause}\nexport { some }\n`)
  const fine = ['new Date(0)', 'setImmediate(String)', 'performance.mark'].map((of) => `export const a = ${of}\n`)
  const [one = ''] = ways
  return [
    ...[...ways, ...imports].map((code) =>
      breaks(`in a service, ${code}`, 'apps/coordinator/src/tree/a.ts', code, RAW_TIME),
    ),
    ...fine.map((code) => allows(`in a service, ${code}`, 'apps/coordinator/src/tree/a.ts', code)),
    ...['apps/agent/src/runner/a.ts', 'packages/store/src/sqlite/a.ts', 'packages/client/src/a.ts'].map((file) =>
      breaks(`${file} with a timer of the system`, file, one, RAW_TIME),
    ),
    ...['apps/coordinator/src/http/a.ts', 'apps/agent/src/runner/a.test.ts', 'apps/agent/src/cli/a.ts'].map((file) =>
      allows(`${file} with a timer of the system`, file, one),
    ),
  ]
}

function breaks(what: string, file: string, code: string, rule: string = IMPORTS): Case {
  return { title: `${what} is an error`, file, code, rule }
}

function allows(what: string, file: string, code: string): Case {
  return { title: `${what} is fine`, file, code, rule: undefined }
}

function isPure(layer: Layer): boolean {
  return layer.onlyPackages !== undefined
}

function shortName(layer: Layer): string {
  return layer.folder.slice(layer.folder.indexOf('/') + 1)
}

/** Cases share one tree: each gets a file name of its own in the folder that its rule looks at. */
function numbered(file: string, index: number): string {
  return join(dirname(file), file.slice(dirname(file).length + 1).replace('.', `-${index}.`))
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true })
  await writeFile(join(tree, path), text)
}

interface Broken {
  /** The rules that each file of the tree breaks. */
  readonly found: Map<string, Set<string>>
  /** Where each imports what it must not. */
  readonly lines: Map<string, Set<number>>
}

async function lint(): Promise<Broken> {
  const oxlint = join(REPOSITORY, 'node_modules/oxlint/bin/oxlint')
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [oxlint, '--format', 'json'],
      { cwd: tree, maxBuffer: 64 << 20 },
      (error, out, errors) => {
        if (out.startsWith('{')) resolve(out)
        else reject(new Error(`oxlint did not run: ${errors || out}`, { cause: error }))
      },
    )
  })
  const report: unknown = JSON.parse(stdout)
  const diagnostics = isRecord(report) && Array.isArray(report['diagnostics']) ? report['diagnostics'] : []
  const rules = new Map<string, Set<string>>()
  const lines = new Map<string, Set<number>>()
  for (const { filename, code, labels } of diagnostics) {
    rules.set(filename, (rules.get(filename) ?? new Set()).add(code))
    if (code === IMPORTS) lines.set(filename, (lines.get(filename) ?? new Set()).add(labels[0].span.line))
  }
  return { found: rules, lines }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
