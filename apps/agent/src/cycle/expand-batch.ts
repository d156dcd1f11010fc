import {
  expandEchoes,
  expandRemovals,
  includes,
  isBehindBase,
  isSameVersion,
  namedBy,
  stateOfBase,
} from '@causeway/engine'
import { LIMITS, SyncError, type ChangeBatch, type EntryId, type EntryState, type KnownState } from '@causeway/protocol'
import type { CycleContext } from './cycle-context.ts'

/** An event of this node's own, as it was found here. */
export interface Echo {
  readonly id: EntryId
  /** What this node holds and the named version has not seen, if anything. */
  readonly newer: EntryState | null
  /** True if exactly this version waits to be placed. */
  readonly isPending: boolean
}

export interface Expanded {
  readonly tombstones: readonly EntryState[]
  readonly echoes: readonly Echo[]
}

/**
 * What a batch names without describing it, from what this node holds. `null`
 * if it holds something else than the batch presumes, or nothing (an answer
 * was lost, a local change is under way): then all must be told in full, and
 * until then nothing of the batch counts. Nothing is changed here.
 */
export function expandBatch({ state, node }: CycleContext, batch: ChangeBatch): Expanded | null {
  const { removals, echoes } = batch
  if (removals === undefined && echoes === undefined) return { tombstones: [], echoes: [] }
  if (namedBy(batch) > LIMITS.namedPerBatch) {
    throw new SyncError('protocol-mismatch', `a batch names more than ${LIMITS.namedPerBatch} entries`)
  }
  const heldOf = (id: EntryId) => state.pendingOf(id) ?? state.base(id)
  const { tombstones, isCertain } =
    removals === undefined ? { tombstones: [], isCertain: true } : expandRemovals(removals, heldOf)
  if (!isCertain) return null
  const found: Echo[] = []
  for (const known of echoes === undefined ? [] : expandEchoes(echoes, node)) {
    const echo = echoOf(state, known)
    if (echo === null) return null
    found.push(echo)
  }
  return { tombstones, echoes: found }
}

function echoOf(state: CycleContext['state'], known: KnownState): Echo | null {
  const { id } = known
  const pending = state.pendingOf(id)
  // What waits comes before what the base holds: the answer may have put the entry elsewhere under the same vectors.
  if (pending !== undefined) {
    return pending.seq === known.seq && isSameVersion(pending, known) ? { id, newer: null, isPending: true } : null
  }
  const base = state.base(id)
  if (base !== undefined && isSameVersion(base, known)) return { id, newer: null, isPending: false }
  if (base !== undefined) return isBehindBase(base, known) ? { id, newer: stateOfBase(base), isPending: false } : null
  const tombstone = state.tombstone(id)
  const isOutlived =
    tombstone !== undefined &&
    [known.contentVector, known.placeVector, known.existenceVector].every((vector) =>
      includes(tombstone.existenceVector, vector),
    )
  return isOutlived ? { id, newer: tombstone, isPending: false } : null
}
