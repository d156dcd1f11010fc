/**
 * The rule `causeway/no-raw-time`: timers, clocks and chance come through the
 * ports of `@causeway/time`, so that a simulation can drive them. Only the
 * adapters below may take them from the system.
 */

/** Where the port ends: each of these works on something that only exists in real time. */
export const RAW_TIME_ADAPTERS: readonly string[] = [
  'packages/time/src/system.ts',
  // Real disks, and names on them that nobody else may guess.
  'packages/disk/src/**',
  'packages/replica/src/disk/**',
  'packages/store/src/packs/open-pack-directory.ts',
  // A database elsewhere, and others who wait for it.
  'packages/store/src/postgres/pause.ts',
  // Threads.
  'packages/packing/src/workers/**',
  // Sockets.
  'apps/coordinator/src/http/**',
  'apps/coordinator/src/access/strangers.ts',
  'apps/agent/src/link/socket.ts',
  'apps/agent/src/link/buffers.ts',
  // The command line, and what it prints to a terminal.
  'apps/agent/src/cli/**',
]

/** Whose files must keep the rule; tests and what only tests use need not. */
export const RAW_TIME_FREE: readonly string[] = ['packages/*/src/**', 'apps/coordinator/src/**', 'apps/agent/src/**']
export const RAW_TIME_TESTS: readonly string[] = ['packages/*/src/{conformance,testing}/**', 'packages/testkit/src/**']

const TIMERS = ['setTimeout', 'setInterval']
/** By object, the members that read a clock or draw by chance. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  performance: ['now', 'timeOrigin'],
  process: ['hrtime', 'uptime'],
  Math: ['random'],
  crypto: ['randomUUID', 'getRandomValues'],
  AbortSignal: ['timeout'],
  globalThis: TIMERS,
}
/** By module, what must not be imported from it. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  'node:timers': TIMERS,
  'node:timers/promises': [...TIMERS, 'scheduler'],
  'node:crypto': ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'randomFill', 'webcrypto'],
  'node:perf_hooks': ['performance'],
}

interface Node {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly callee?: Node
  readonly arguments?: readonly Node[]
  readonly object?: Node
  readonly property?: Node
  readonly source?: Node
  readonly specifiers?: readonly { readonly imported?: Node }[]
}

interface RuleContext {
  report(found: { readonly node: Node; readonly message: string }): void
}

const rule = {
  create(context: RuleContext) {
    const refuse = (node: Node, what: string): void => {
      context.report({ node, message: `${what} is taken from the system: take it from a port of @causeway/time` })
    }
    return {
      CallExpression(node: Node) {
        const name = node.callee?.name ?? ''
        if (node.callee?.type === 'Identifier' && TIMERS.includes(name)) refuse(node, name)
        if (isDate(node.callee)) refuse(node, 'the time of now')
      },
      NewExpression(node: Node) {
        if (isDate(node.callee) && node.arguments?.length === 0) refuse(node, 'the time of now')
      },
      MemberExpression(node: Node) {
        const [object, property] = [node.object?.name ?? '', String(node.property?.name ?? node.property?.value)]
        if (
          node.object?.type === 'Identifier' &&
          Object.hasOwn(MEMBERS, object) &&
          MEMBERS[object]?.includes(property)
        ) {
          refuse(node, `${object}.${property}`)
        }
      },
      ImportDeclaration(node: Node) {
        const refused = IMPORTS[withPrefix(String(node.source?.value))] ?? []
        for (const { imported } of node.specifiers ?? []) {
          const name = imported?.name ?? ''
          if (refused.includes(name)) refuse(node, name)
        }
      },
    }
  },
}

function isDate(callee: Node | undefined): boolean {
  return callee?.type === 'Identifier' && callee.name === 'Date'
}

function withPrefix(module: string): string {
  return module.startsWith('node:') ? module : `node:${module}`
}

export default { meta: { name: 'causeway' }, rules: { 'no-raw-time': rule } }
