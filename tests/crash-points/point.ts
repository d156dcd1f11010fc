/**
 * System calls that change a disk. Named once a family: the program may use either, and each counts by itself.
 * Calls of these names on anything else (a socket, an event, a pipe) are not points.
 */
export const CALLS = [
  'open',
  'openat',
  'creat',
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'pwritev2',
  'fsync',
  'fdatasync',
  'syncfs',
  'sync_file_range',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'mkdir',
  'mkdirat',
  'rmdir',
  'symlink',
  'symlinkat',
  'truncate',
  'ftruncate',
  'fallocate',
  'copy_file_range',
  'chmod',
  'fchmod',
  'fchmodat',
  'utimensat',
] as const

export type Call = (typeof CALLS)[number]

/** A process dies just before one of its threads makes its `at`-th call of this name. */
export interface Point {
  readonly scenario: string
  readonly call: Call
  readonly at: number
  /** The call as it was in the run that counted. */
  readonly seen: string
}

const LINE = /^(\d+)\s+([a-z0-9_]+)\((.*)$/
const OPENING = new Set<Call>(['open', 'openat', 'creat'])
const MAKES_OR_CUTS = /\bO_(CREAT|TRUNC|TMPFILE)\b/
const ON_NO_FILE = /^\d+<(?:socket|pipe|anon_inode|\/dev\/)/
const MAY_BE_ON_NO_FILE = new Set<Call>(['write', 'writev', 'pwritev'])

/**
 * The points in what `strace -f -y` wrote. The tracer counts for each thread by itself, and the first thread to get as
 * far is the one that is met: a call that another thread has made as often before can't be.
 *
 * @param ignored what is written below one of these paths is no part of the scenario
 */
export function pointsIn(scenario: string, trace: string, ignored: readonly string[]): Point[] {
  const perThread = new Map<string, number>()
  const reached = new Map<Call, number>()
  const points: Point[] = []
  for (const line of trace.split('\n')) {
    const [, thread, name, rest = ''] = LINE.exec(line) ?? []
    if (thread === undefined || !isCall(name)) continue
    const key = `${thread} ${name}`
    const at = (perThread.get(key) ?? 0) + 1
    perThread.set(key, at)
    if (at <= (reached.get(name) ?? 0)) continue
    reached.set(name, at)
    if (changesADisk(name, rest, ignored)) points.push({ scenario, call: name, at, seen: `${name}(${rest}` })
  }
  return points
}

/** The call before which the process died: the last that was entered and never returned. */
export function lastCall(trace: string): string | undefined {
  const entered = trace.split('\n').filter((line) => LINE.test(line))
  return entered.findLast((line) => / = \?$| <unfinished \.\.\.>$|\(INJECTED\)/.test(line)) ?? entered.at(-1)
}

/**
 * So many points, from every scenario and call alike as far as there are enough, and evenly spaced among those of
 * each: a database's many writes do not crowd out the few renames.
 */
export function sample(points: readonly Point[], size: number): Point[] {
  const groups = [...groupBy(points, ({ scenario, call }) => `${scenario} ${call}`).values()]
  const shares = fairShares(
    groups.map(({ length }) => length),
    size,
  )
  return groups.flatMap((group, index) => evenly(group, shares[index] ?? 0))
}

/** Every `count`-th of them, from the `index`-th on: the shards of 1 to `count` together are all. */
export function shard(points: readonly Point[], { index, count }: { index: number; count: number }): Point[] {
  return points.filter((_, position) => position % count === index - 1)
}

function isCall(name: string | undefined): name is Call {
  return CALLS.some((call) => call === name)
}

function changesADisk(call: Call, rest: string, ignored: readonly string[]): boolean {
  if (OPENING.has(call) && !MAKES_OR_CUTS.test(rest)) return false
  if (MAY_BE_ON_NO_FILE.has(call) && ON_NO_FILE.test(rest)) return false
  return !ignored.some((path) => rest.includes(path))
}

/** One for each that has any left, round after round, until all are given out. */
function fairShares(sizes: readonly number[], total: number): number[] {
  const shares = sizes.map(() => 0)
  for (let left = total, given = -1; left > 0 && given !== 0;) {
    given = 0
    // A round that is not enough for all is spread over them, not given to the first.
    const open = sizes.flatMap((size, index) => ((shares[index] ?? 0) < size ? [index] : []))
    for (const index of evenly(open, left)) {
      shares[index] = (shares[index] ?? 0) + 1
      given += 1
    }
    left -= given
  }
  return shares
}

function evenly<T>(items: readonly T[], size: number): T[] {
  if (size >= items.length) return [...items]
  return Array.from({ length: size }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / size)]).filter(
    (item): item is T => item !== undefined,
  )
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
