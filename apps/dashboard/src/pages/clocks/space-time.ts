import { DECISION_ID, type HistoryEvent, type NodeId, type Order } from '@causeway/protocol'
import { type Run } from './fold.ts'

/** The lane of the coordinator, which orders what the nodes do and also acts by itself. */
const COORDINATOR_LANE = 'coordinator'

export interface Mark {
  /** The last of its run, which stands for all of it. */
  readonly event: HistoryEvent
  readonly run: Run
  /** Place in the shown order, from 0: causes always come before effects. */
  readonly column: number
  readonly lane: number
}

/** One node learning of another's events: from the last of them to the first event that knows of it. */
export interface Arrow {
  readonly from: number
  readonly to: number
}

export interface SpaceTime {
  readonly lanes: readonly string[]
  readonly marks: readonly Mark[]
  /** Between columns, by rising end. */
  readonly arrows: readonly Arrow[]
  /** The column of each event, by `dotKey`. */
  readonly columnOf: Map<string, number>
  /** The column of each event, by its position in the log. */
  readonly columnAt: Map<number, number>
  /** What each node knew at its last event, by folder and node. */
  readonly knew: Map<string, HistoryEvent['clock']>
}

/**
 * Lays runs of events (by their first events, oldest first) out: a lane a node
 * with the coordinator's in the middle, a column a run in the log's order. Given
 * what the first of these runs were laid out to, only the others are looked at;
 * `grown` must then not be used for anything else any more.
 */
export function layOut(runs: readonly Run[], grown?: SpaceTime): SpaceTime {
  const begun = grown !== undefined && continues(runs, grown) ? grown : undefined
  const lanes = begun?.lanes ?? lanesOf(runs)
  const laneOf = new Map(lanes.map((lane, index) => [lane, index]))
  const columnOf = begun?.columnOf ?? new Map<string, number>()
  const columnAt = begun?.columnAt ?? new Map<number, number>()
  const knew = begun?.knew ?? new Map<string, HistoryEvent['clock']>()
  const marks: Mark[] = [...(begun?.marks ?? [])]
  const arrows: Arrow[] = [...(begun?.arrows ?? [])]
  for (let column = marks.length; column < runs.length; column++) {
    const run = runs[column]
    if (run === undefined) break
    const [first] = run
    const event = run.at(-1) ?? first
    const { folder, node } = first
    marks.push({ event, run, column, lane: laneOf.get(node) ?? 0 })
    const before = knew.get(`${folder} ${node}`) ?? {}
    for (const [other, counter] of Object.entries(first.clock)) {
      if (other === node || counter <= (before[other] ?? 0)) continue
      const from = lastKnown(columnOf, folder, other, counter, before[other] ?? 0)
      if (from !== undefined) arrows.push({ from, to: column })
    }
    knew.set(`${folder} ${node}`, event.clock)
    for (const { position, counter } of run) {
      columnAt.set(position, column)
      // One operation may cause several events under one dot: the first stands for it.
      const key = dotKey(folder, node, counter)
      if (!columnOf.has(key)) columnOf.set(key, column)
    }
  }
  return { lanes, marks, arrows, columnOf, columnAt, knew }
}

/** True if these begin with the runs laid out already, and no other node has come. */
function continues(runs: readonly Run[], { marks, lanes }: SpaceTime): boolean {
  if (marks.length === 0) return false
  const known = new Set(lanes)
  return (
    marks.every(({ run, event }, column) => run[0] === runs[column]?.[0] && event === runs[column]?.at(-1)) &&
    runs.slice(marks.length).every(([{ node }]) => known.has(node))
  )
}

/** The mark of an event, if it is shown. */
export function markOf({ marks, columnAt }: SpaceTime, { position }: HistoryEvent): Mark | undefined {
  const column = columnAt.get(position)
  return column === undefined ? undefined : marks[column]
}

/** The first of the arrows that ends at a column or behind it. */
export function arrowAt({ arrows }: SpaceTime, column: number): number {
  let low = 0
  let high = arrows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((arrows[middle]?.to ?? Infinity) < column) low = middle + 1
    else high = middle
  }
  return low
}

function dotKey(folder: string, node: string, counter: number): string {
  return `${folder} ${node} ${counter}`
}

/** How one event stands to another. Events of two folders have nothing to do with each other. */
export function orderOf(a: HistoryEvent, b: HistoryEvent): Order {
  if (a.position === b.position) return 'equal'
  if (a.folder !== b.folder) return 'concurrent'
  if (a.node === b.node && a.counter === b.counter) return a.position < b.position ? 'before' : 'after'
  if (hasSeen(b, a)) return 'before'
  return hasSeen(a, b) ? 'after' : 'concurrent'
}

/** True if what `later` knew includes `earlier`. */
export function hasSeen(later: HistoryEvent, earlier: HistoryEvent): boolean {
  return later.folder === earlier.folder && (later.clock[earlier.node] ?? 0) >= earlier.counter
}

/** One step of the proof that an event comes before another. */
export interface Step {
  readonly event: HistoryEvent
  /** How the step before led here. */
  readonly by: 'start' | 'same-node' | 'heard'
}

/**
 * The shortest chain found from `a` to `b`: along a node's own lane, or to
 * another's first event that knew of it. Empty unless `a` is before `b`.
 */
export function pathBetween({ marks }: SpaceTime, a: HistoryEvent, b: HistoryEvent): readonly Step[] {
  if (orderOf(a, b) !== 'before') return []
  const start: Step = { event: a, by: 'start' }
  if (a.node === b.node) return [start, { event: b, by: 'same-node' }]
  // The first event of b's node that knew of a: b itself, or one that came before it there.
  const first = marks.find(({ run: [event] }) => {
    return event.node === b.node && event.position > a.position && hasSeen(event, a)
  })?.run[0]
  const heard = first !== undefined && first.position < b.position ? first : b
  const told: Step = { event: heard, by: 'heard' }
  return heard.position === b.position ? [start, told] : [start, told, { event: b, by: 'same-node' }]
}

/** What each node has seen of each other in one folder. */
export interface SeenMatrix {
  readonly nodes: readonly string[]
  /** `seen[row][column]`: how far the row's node has heard of the column's; null if it never did. */
  readonly seen: readonly (readonly (number | null)[])[]
  /** The newest counter of each node, by column. */
  readonly newest: readonly number[]
}

export function seenMatrix(
  clock: Readonly<Record<string, number>>,
  members: readonly { readonly node: NodeId; readonly clock: Readonly<Record<string, number>> }[],
): SeenMatrix {
  const nodes = [...new Set([...members.map(({ node }) => String(node)), ...Object.keys(clock)])]
    // Who only decides sees nothing, and is nobody's peer.
    .filter((node) => node !== DECISION_ID)
    .toSorted()
  // The coordinator has seen all that is in the log.
  const clocks = new Map([
    [COORDINATOR_LANE, clock],
    ...members.map((member) => [String(member.node), member.clock] as const),
  ])
  return {
    nodes,
    seen: nodes.map((row) => nodes.map((column) => clocks.get(row)?.[column] ?? null)),
    newest: nodes.map((node) => clock[node] ?? 0),
  }
}

function lanesOf(runs: readonly Run[]): string[] {
  const nodes = [...new Set(runs.map(([{ node }]) => String(node)))]
    .filter((node) => node !== COORDINATOR_LANE)
    .toSorted()
  const middle = Math.ceil(nodes.length / 2)
  return [...nodes.slice(0, middle), COORDINATOR_LANE, ...nodes.slice(middle)]
}

/** The newest shown event of a node up to a counter, above what was known before. */
function lastKnown(
  columnOf: ReadonlyMap<string, number>,
  folder: string,
  node: string,
  counter: number,
  above: number,
): number | undefined {
  // Counters may leap: a look at a few below is enough to find the last one that is shown.
  for (let at = counter; at > above && at > counter - 64; at--) {
    const column = columnOf.get(dotKey(folder, node, at))
    if (column !== undefined) return column
  }
  return undefined
}
