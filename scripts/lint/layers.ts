/**
 * Which workspace may import which: arrows run one way, so that decisions stay
 * pure and one part can be read, tested and replaced without the others.
 * `oxlint.config.ts` makes lint rules of this table; `tests/layers.test.ts`
 * breaks each of them once.
 */
export interface Layer {
  /** The workspace's folder. */
  readonly folder: string
  /** The workspaces it may import, by their short names. */
  readonly workspaces: readonly string[]
  /** Further ones that only its tests may import. */
  readonly testWorkspaces?: readonly string[]
  /** Pure layers name every outside package they may use, and use nothing of Node. */
  readonly onlyPackages?: readonly string[]
  readonly reason: string
}

export const LAYERS: readonly Layer[] = [
  {
    folder: 'packages/protocol',
    workspaces: [],
    onlyPackages: ['zod', 'cbor-x'],
    reason: 'protocol is data alone: it runs in Node and in browsers and knows no other workspace',
  },
  {
    folder: 'packages/engine',
    workspaces: ['protocol'],
    onlyPackages: ['ignore'],
    reason: 'engine decides and has no effects: no Node, no clock, no disk, only protocol',
  },
  {
    folder: 'packages/time',
    workspaces: [],
    reason: 'time is clocks, timers and randomness for Node and for browsers: it knows no other workspace',
  },
  {
    folder: 'packages/disk',
    workspaces: ['protocol'],
    reason: 'disk makes the directories and small files that a process keeps for itself: it takes protocol alone',
  },
  {
    folder: 'packages/store',
    workspaces: ['disk', 'engine', 'protocol'],
    reason: 'store keeps what the coordinator knows and builds on disk, engine and protocol alone',
  },
  {
    folder: 'packages/replica',
    workspaces: ['engine', 'protocol'],
    reason: 'replica is a folder on a disk and builds on engine and protocol alone',
  },
  {
    folder: 'packages/client',
    workspaces: ['protocol', 'time'],
    reason: 'client is what others use to talk to a coordinator: it takes protocol and time alone',
  },
  {
    folder: 'packages/packing',
    workspaces: ['engine', 'protocol'],
    reason: 'packing is bytes in and bytes out for both apps: it builds on engine and protocol alone',
  },
  {
    folder: 'packages/log',
    workspaces: ['engine', 'protocol', 'store', 'time'],
    reason: "log is a folder's log over any store: it knows no bytes, no transport and nobody who measures",
  },
  {
    folder: 'packages/contents',
    workspaces: ['engine', 'log', 'packing', 'protocol', 'store', 'time'],
    reason: "contents keeps the bytes that the log's changes refer to, and knows no transport and nobody who measures",
  },
  {
    folder: 'packages/testkit',
    workspaces: ['client', 'engine', 'packing', 'protocol', 'replica', 'store'],
    reason: 'testkit stands beside the packages and knows no app',
  },
  {
    folder: 'apps/coordinator',
    workspaces: ['contents', 'disk', 'engine', 'log', 'packing', 'protocol', 'store', 'time'],
    testWorkspaces: ['client'],
    reason: 'apps build on packages and never on each other',
  },
  {
    folder: 'apps/agent',
    workspaces: ['client', 'disk', 'engine', 'packing', 'protocol', 'replica', 'time'],
    reason: 'apps build on packages and never on each other',
  },
  {
    folder: 'apps/dashboard',
    workspaces: ['client', 'engine', 'protocol'],
    reason: 'the dashboard runs in a browser: it takes client, protocol, and engine in its upload worker',
  },
]

export const TEST_FILES: readonly string[] = ['**/*.test.ts', '**/*.test.tsx', '**/test-support/**']

export type RestrictedPattern = { regex: string; message: string } | { group: string[]; message: string }

/** What the files of a layer must not import. Tests may use Node, outside packages and testkit, but cross no other arrow. */
export function restrictedImports(layer: Layer, kind: 'source' | 'test'): RestrictedPattern[] {
  const allowed =
    kind === 'test'
      ? [...layer.workspaces, ...(layer.testWorkspaces ?? []), 'testkit', ownName(layer)]
      : layer.workspaces
  const patterns: RestrictedPattern[] = [
    {
      group: ['@causeway/*', ...allowed.map((name) => `!@causeway/${name}`)],
      message: `${layer.reason}. Workspaces it may import: ${list(allowed)}.`,
    },
    {
      regex: '^@causeway/[^/]+/',
      message: 'A workspace shows what its index.ts exports; the files behind it are its own.',
    },
    {
      regex: '^\\.{1,2}/(.*/)?(src|apps|packages)/',
      message: 'A relative import stays in its workspace; another workspace is imported by its name (@causeway/…).',
    },
  ]
  if (kind === 'source' && layer.onlyPackages !== undefined) {
    patterns.push({
      regex: `^${otherThan(['@causeway', ...layer.onlyPackages], '.')}`,
      message: `${layer.reason}. Outside packages it may use: ${list(layer.onlyPackages)}.`,
    })
  }
  return patterns
}

/**
 * A regular expression for every module name but these (and the paths inside
 * them) and those beginning with `except`. The linter's expressions know no
 * look-ahead, so it spells out where a name may differ.
 */
export function otherThan(names: readonly string[], except = ''): string {
  const ends = names.includes('')
  const heads = [...new Set(names.filter((name) => name !== '').map((name) => name.charAt(0)))]
  const differsHere = `[^${heads.join('')}${except}${ends ? '/' : ''}]`.replaceAll('-', '\\-')
  const differsLater = heads.map((head) => {
    const tails = names.filter((name) => name.startsWith(head)).map((name) => name.slice(1))
    return head + otherThan(tails)
  })
  return `(${[...(ends ? [] : ['$']), differsHere, ...differsLater].join('|')})`
}

function ownName(layer: Layer): string {
  return layer.folder.slice(layer.folder.indexOf('/') + 1)
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
