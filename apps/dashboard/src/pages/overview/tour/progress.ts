import { COORDINATOR_ID, type HistoryEvent } from '@causeway/protocol'

/** In the order in which they are proposed; each can be done at any time. */
export const STEPS = ['save', 'edit', 'settle', 'restore'] as const
export type StepId = (typeof STEPS)[number]

/** A file of so many bytes is large enough to show what an edit saves. */
export const LARGE_BYTES = 1_000_000

/** What showed that a step was done. */
export interface Tick {
  /** ISO 8601. */
  readonly at: string
  readonly folder: string
  readonly entry: string | null
  readonly path: string | null
  readonly node: string | null
  readonly sizeBytes: number | null
}

/** How far a person is. An immutable value: what happens makes the next one. */
export interface Progress {
  /** Events up to this position have been looked at; those before the tour began never count. `null` before it. */
  readonly seen: number | null
  /** The conflicts that were open when they were last looked at; `null` before that. */
  readonly open: readonly string[] | null
  readonly done: Readonly<Partial<Record<StepId, Tick>>>
  readonly dismissed: boolean
}

export const NOT_BEGUN: Progress = { seen: null, open: null, done: {}, dismissed: false }

/** From now on what happens counts. `position` is that of the newest event. */
export function begin(progress: Progress, position: number): Progress {
  return { ...progress, seen: position, open: null, dismissed: false }
}

/** Ticks what the events show. They come oldest first; what was seen before is passed over. */
export function withEvents(progress: Progress, events: readonly HistoryEvent[]): Progress {
  if (progress.seen === null) return progress
  let { seen } = progress
  const done = { ...progress.done }
  for (const event of events) {
    if (event.position <= seen) continue
    seen = event.position
    for (const step of STEPS) if (done[step] === undefined && isShownBy(step, event)) done[step] = tickOf(event)
  }
  return seen === progress.seen ? progress : { ...progress, seen, done }
}

/** A conflict that was open and is no more was settled, in whatever way. `open` are the keys of those that are. */
export function withConflicts(progress: Progress, open: readonly OpenConflict[], now: string): Progress {
  if (progress.seen === null) return progress
  const keys = open.map(({ key }) => key).toSorted()
  const gone = (progress.open ?? []).find((key) => !keys.includes(key))
  if (gone === undefined && keys.join() === progress.open?.join()) return progress
  if (gone === undefined || progress.done.settle !== undefined) return { ...progress, open: keys }
  const [folder = ''] = gone.split(' ')
  const settle: Tick = { at: now, folder, entry: null, path: null, node: null, sizeBytes: null }
  return { ...progress, open: keys, done: { ...progress.done, settle } }
}

export interface OpenConflict {
  /** The folder's id, a space, and the copy's. */
  readonly key: string
}

/** The step to propose next; `undefined` when all are done. */
export function nextStep({ done }: Progress): StepId | undefined {
  return STEPS.find((step) => done[step] === undefined)
}

function isShownBy(step: StepId, event: HistoryEvent): boolean {
  switch (step) {
    case 'save':
      return isSave(event)
    case 'edit':
      return event.kind === 'edit' && isSave(event) && (event.sizeBytes ?? 0) >= LARGE_BYTES
    case 'settle':
      return event.kind === 'settle'
    case 'restore':
      return event.kind === 'restore'
  }
}

/** A file was saved: on a node, or put there from the page. What a choice between two versions writes is none. */
function isSave({ kind, node, sizeBytes }: HistoryEvent): boolean {
  if (sizeBytes === null) return false
  if (kind === 'create') return true
  return node !== COORDINATOR_ID && (kind === 'edit' || kind === 'merge' || kind === 'conflict')
}

function tickOf({ at, folder, entry, path, node, sizeBytes }: HistoryEvent): Tick {
  return { at, folder, entry, path, node, sizeBytes }
}
