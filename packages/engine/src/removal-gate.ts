import { massDeleteBrake, rootEmptied } from './brakes.ts'

/** What is gone from a disk. */
export interface Removal {
  /** Files and symlinks that are gone from directories that stand. */
  readonly files: number
  /** Directories that are gone as a whole. */
  readonly directories: number
  /** All entries that are gone, with those below. Counting may take a while: it is not asked for in the middle of a burst. */
  count(): number
  /** What the folder held, and what appeared in it meanwhile. */
  readonly live: number
  readonly appeared: number
  /** Where what is gone lay: to be looked at again while it waits. */
  readonly lay: readonly string[]
}

export interface RemovalMoment {
  readonly now: number
  /** When something last happened on the disk; `null` where nobody watches. */
  readonly lastEvent: number | null
  /** More than `share` of a folder, and at least `min` entries, wait for a person. */
  readonly brake: { readonly share: number; readonly min: number }
}

/**
 * What a gate for removals remembers from one look at the disk to the next.
 * Milliseconds of a clock that only goes forward.
 */
export interface RemovalGate {
  /** Where what is held back lay. */
  readonly held: readonly string[]
  /** Since when something has been held back. */
  readonly sinceMs: number | null
  /** How much was last seen to be gone, and since when it has been that much. */
  readonly seen: { readonly removed: number; readonly sinceMs: number } | null
  /** Why the coordinator held back what was let through; `null` where it did not. */
  readonly refusal: string | null
}

export const OPEN_GATE: RemovalGate = { held: [], sinceMs: null, seen: null, refusal: null }

export type RemovalVerdict =
  | { readonly kind: 'send' }
  /** More may follow: to be looked at again after so many milliseconds. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Until a person has looked. */
  | { readonly kind: 'halt'; readonly reason: string }

/** A delete may be the beginning of more, or half of a save that deletes first and writes then. */
const FEW_SETTLE_MS = 50
/** From here on a removal may have only begun. */
const MANY = 20
const MANY_SETTLE_MS = 250
/** Something that never rests holds removals up no longer than this. */
const LONGEST_BURST_MS = 1000

/**
 * Lets a removal through once it is known whole: an accident shows by its
 * size. While events go on it is not even counted, as that would only hold up
 * whoever removes it.
 */
export function passRemoval(
  gate: RemovalGate,
  removal: Removal,
  { now, lastEvent, brake }: RemovalMoment,
): readonly [RemovalGate, RemovalVerdict] {
  const sinceMs = gate.sinceMs ?? now
  const held = { ...gate, held: removal.lay, sinceMs }
  const burstMs = mayBeMany(removal) ? burstLeftMs(sinceMs, now, lastEvent) : 0
  if (burstMs > 0) return [held, { kind: 'wait', ms: burstMs }]
  const removed = removal.count()
  const { live, appeared } = removal
  const reason =
    massDeleteBrake({ live, removed, ...brake })?.reason ??
    rootEmptied({ live, remaining: live - removed + appeared })?.reason
  if (reason !== undefined) return [held, { kind: 'halt', reason }]
  const seen = gate.seen?.removed === removed ? gate.seen : { removed, sinceMs: now }
  const leftMs = settleMs(removal, removed) - (now - seen.sinceMs)
  if (leftMs > 0)
    return [
      { ...held, seen },
      { kind: 'wait', ms: leftMs },
    ]
  return [{ ...OPEN_GATE, refusal: gate.refusal }, { kind: 'send' }]
}

/** True if counting what is gone may take a while. */
function mayBeMany({ files, directories }: Removal): boolean {
  return files >= MANY || directories > 0
}

function burstLeftMs(sinceMs: number, now: number, lastEvent: number | null): number {
  if (lastEvent === null || now - sinceMs >= LONGEST_BURST_MS) return 0
  return Math.min(FEW_SETTLE_MS, Math.max(0, FEW_SETTLE_MS - (now - lastEvent)))
}

/** A directory goes last when a tree is removed: where it is gone, nothing more can follow below it. */
function settleMs({ files }: Removal, removed: number): number {
  return removed < MANY || files < MANY ? FEW_SETTLE_MS : MANY_SETTLE_MS
}

/** Holds back what the coordinator did not take, so that it stays in sight. */
export function refuseRemoval(gate: RemovalGate, lay: readonly string[], reason: string): RemovalGate {
  return { ...gate, held: lay, refusal: reason }
}

const LONGEST_PAUSE_MS = 500

/**
 * How long to let be what is being removed: each look is at all that is gone
 * so far, and must not cost more than the removal itself. A look that took
 * `lookMs` left a removal waiting for `waitMs`.
 */
export function pauseWhileRemoving(waitMs: number, lookMs: number): number {
  return Math.max(waitMs, Math.min(2 * lookMs, LONGEST_PAUSE_MS))
}
