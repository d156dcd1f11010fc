/** What some work comes to: changes (files, moves, deletes) and bytes. */
export interface Work {
  readonly changes: number
  readonly bytes: number
}

/** What is known of work that goes on. Of most files the bytes become known only when their turn comes. */
export interface WorkKnown {
  readonly changesDone: number
  readonly changesLeft: number
  /** Files whose bytes are known, begun or done. */
  readonly sizedFiles: number
  /** Those of them that are done, whether or not their change is. */
  readonly movedFiles: number
  readonly bytes: number
  /** Of these files, as far as is known. */
  readonly bytesTotal: number
}

/** How work has gone lately. An immutable value; times are milliseconds of any steady clock. */
export interface Pace {
  readonly startMs: number
  readonly lastMs: number
  /** When anything was last done. */
  readonly movedMs: number
  /** All that was done. */
  readonly done: Work
  /** The part of `done` that is already in the sums below, and until when. */
  readonly counted: Work
  readonly countedMs: number
  /** Costs and time, each fading with age. */
  readonly recentCost: number
  readonly recentMs: number
}

/** Moving a change takes about as long as moving so many bytes, whatever it holds. */
const BYTES_PER_CHANGE = 32 * 1024
/** What was done so long ago counts for a third of what is done now: longer than lumps last, shorter than a person waits. */
const FADES_MS = 8_000
/** Work comes in lumps (a chunk, a commit): it is looked at in steps of so long. */
const STEP_MS = 250
/** Before that, one lump more or less is the whole rate. */
const FIRST_AFTER_MS = 2_000
const STALLED_AFTER_MS = 5_000
/** Below this a transfer stands, and any time left would be made up. */
const LEAST_COST_PER_SECOND = 1

/** The pace of work that starts now. */
export function paceFrom(startMs: number): Pace {
  return {
    startMs,
    lastMs: startMs,
    movedMs: startMs,
    done: NOTHING,
    counted: NOTHING,
    countedMs: startMs,
    recentCost: 0,
    recentMs: 0,
  }
}

/** The pace after more was done, or after nothing was for a while. A clock that steps back stands still. */
export function paceAfter(pace: Pace, more: Work, nowMs: number): Pace {
  const lastMs = Math.max(pace.lastMs, nowMs)
  const done = { changes: pace.done.changes + more.changes, bytes: pace.done.bytes + more.bytes }
  const movedMs = more.changes > 0 || more.bytes > 0 ? lastMs : pace.movedMs
  const next = { ...pace, lastMs, movedMs, done }
  return lastMs - pace.countedMs < STEP_MS ? next : counted(next)
}

/** True if nothing was done for some seconds. */
export function isStalled(pace: Pace, nowMs: number): boolean {
  return nowMs - pace.movedMs >= STALLED_AFTER_MS
}

/**
 * Seconds until all of `left` is done at the pace of the last seconds; null
 * while nobody can tell: at the very start, and while nothing moves. 0 where
 * nothing is left.
 *
 * Work that goes on as it has gone (large and small in any mixed order, at a
 * rate that varies by up to a fifth) ends within half and twice the time told,
 * once it has gone on for five seconds.
 */
export function secondsLeft(pace: Pace, left: Work, nowMs: number): number | null {
  if (left.changes <= 0 && left.bytes <= 0) return 0
  if (nowMs - pace.startMs < FIRST_AFTER_MS || isStalled(pace, nowMs)) return null
  const { recentCost, recentMs } = counted(paceAfter(pace, NOTHING, nowMs))
  const costPerSecond = recentMs === 0 ? 0 : (recentCost / recentMs) * 1000
  return costPerSecond < LEAST_COST_PER_SECOND ? null : costOf(left) / costPerSecond
}

/** What is left, where the files whose turn has not come yet are taken to be like those before them; `isEstimate` says whether there are any. */
export function workLeft(known: WorkKnown): Work & { readonly isEstimate: boolean } {
  const { changesDone, changesLeft, sizedFiles, movedFiles, bytes } = known
  const changes = Math.max(0, changesLeft)
  const bytesTotal = Math.max(bytes, known.bytesTotal)
  // What was done may have had no bytes, such as a directory: a file that is being moved comes on top of it.
  const begun = Math.max(changesDone + Math.max(0, sizedFiles - movedFiles), sizedFiles)
  const unsized = Math.max(0, changesDone + changes - begun)
  const guess = begun === 0 ? 0 : unsized * (bytesTotal / begun)
  return { changes, bytes: bytesTotal - bytes + guess, isEstimate: guess > 0 }
}

const NOTHING: Work = { changes: 0, bytes: 0 }

function counted(pace: Pace): Pace {
  const elapsedMs = pace.lastMs - pace.countedMs
  const fade = Math.exp(-elapsedMs / FADES_MS)
  const cost = costOf(pace.done) - costOf(pace.counted)
  return {
    ...pace,
    counted: pace.done,
    countedMs: pace.lastMs,
    recentCost: pace.recentCost * fade + cost,
    recentMs: pace.recentMs * fade + elapsedMs,
  }
}

function costOf({ changes, bytes }: Work): number {
  return Math.max(0, changes) * BYTES_PER_CHANGE + Math.max(0, bytes)
}
