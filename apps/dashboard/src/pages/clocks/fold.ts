import type { EventKind, HistoryEvent } from '@causeway/protocol'

/** Events of one node and kind that came close together, oldest first: one mark of the diagram. Mostly just one event. */
export type Run = readonly [HistoryEvent, ...HistoryEvent[]]

export interface FoldOptions {
  /** First positions of runs that were opened: their events stand alone. */
  readonly opened: ReadonlySet<number>
  /** Positions of events that stand alone in any case. */
  readonly apart: ReadonlySet<number>
}

/** Fewer than these are shown as they are. */
const FEWEST = 5
/** Zoom out, events belong to different bursts. */
const CLOSE_MS = 2_000

/**
 * Folds bursts: events (oldest first) of one node and kind, each soon after the
 * one before. The runs are in the order of their first events.
 *
 * What belongs to one run stands alike to everything else that is shown: none of
 * it knew more of other nodes than the rest, and whoever knew of one of it knew
 * of all. So the past and the future of a run are those of each of its events.
 */
export function fold(events: readonly HistoryEvent[], { opened, apart }: FoldOptions): readonly Run[] {
  const heard = heardOf(events)
  const runs: [HistoryEvent, ...HistoryEvent[]][] = []
  const open = new Map<string, [HistoryEvent, ...HistoryEvent[]]>()
  for (const event of events) {
    const lane = laneOf(event)
    const run = open.get(lane)
    if (run !== undefined && goesOn(run, event, { heard, apart })) {
      run.push(event)
      continue
    }
    const begun: [HistoryEvent, ...HistoryEvent[]] = [event]
    runs.push(begun)
    open.set(lane, begun)
  }
  const isFolded = (run: Run): boolean => run.length >= FEWEST && !opened.has(run[0].position)
  return runs
    .flatMap((run) => (run.length === 1 || isFolded(run) ? [run] : unfolded(run)))
    .toSorted(([a], [b]) => a.position - b.position)
}

/** Each event as a run of its own. */
export function unfolded(events: readonly HistoryEvent[]): readonly Run[] {
  return events.map((event) => [event])
}

const MANY: Readonly<Record<EventKind, string>> = {
  create: 'new',
  edit: 'edits',
  move: 'moves',
  delete: 'deletes',
  merge: 'merges',
  conflict: 'conflicts',
  restore: 'restores',
  settle: 'choices',
  join: 'joins',
  leave: 'leaves',
  halt: 'halts',
  resume: 'resumes',
}

/** `1,000 edits`. */
export function runWords({ length }: readonly unknown[], kind: EventKind, count: (value: number) => string): string {
  return `${count(length)} ${MANY[kind]}`
}

function laneOf({ folder, node }: HistoryEvent): string {
  return `${folder} ${node}`
}

interface Cuts extends Pick<FoldOptions, 'apart'> {
  readonly heard: ReadonlyMap<string, ReadonlySet<number>>
}

function goesOn(run: Run, event: HistoryEvent, { heard, apart }: Cuts): boolean {
  const [first] = run
  const last = run.at(-1) ?? first
  if (event.kind !== first.kind) return false
  if (apart.has(event.position) || apart.has(last.position)) return false
  if (Date.parse(event.at) - Date.parse(last.at) > CLOSE_MS) return false
  return knewTheSame(first, event) && !someKnewOnly(heard.get(laneOf(event)), last.counter, event.counter)
}

/** Of every node but their own. */
function knewTheSame(a: HistoryEvent, b: HistoryEvent): boolean {
  if (a.clock === b.clock) return true
  const nodes = Object.keys(b.clock)
  if (nodes.length !== Object.keys(a.clock).length) return false
  return nodes.every((node) => node === b.node || a.clock[node] === b.clock[node])
}

/** True if some other node had heard of a counter, and not yet of a later one. */
function someKnewOnly(heard: ReadonlySet<number> | undefined, counter: number, later: number): boolean {
  if (heard === undefined || counter === later) return false
  if (later - counter > heard.size) return [...heard].some((known) => known >= counter && known < later)
  for (let known = counter; known < later; known++) if (heard.has(known)) return true
  return false
}

/** How far others had heard of each node when they acted, by lane. */
function heardOf(events: readonly HistoryEvent[]): ReadonlyMap<string, ReadonlySet<number>> {
  const heard = new Map<string, Set<number>>()
  const last = new Map<string, HistoryEvent['clock']>()
  for (const { folder, node, clock } of events) {
    const before = last.get(`${folder} ${node}`)
    if (before === clock) continue
    last.set(`${folder} ${node}`, clock)
    for (const [other, counter] of Object.entries(clock)) {
      if (other === node || before?.[other] === counter) continue
      const lane = `${folder} ${other}`
      heard.set(lane, (heard.get(lane) ?? new Set()).add(counter))
    }
  }
  return heard
}
