import { expandEchoes, expandRemovals, includes, isBehindBase, isSameVersion, namedBy } from '@causeway/engine'
import { LIMITS, SyncError, type ChangeBatch, type EntryId, type EntryState, type KnownState } from '@causeway/protocol'
import type { CycleContext } from '../cycle-context.ts'

/** An event of this node's own, as it was found here. */
export type Echo =
  /** The base holds just this version. */
  | { readonly kind: 'held'; readonly id: EntryId; readonly seq: number }
  /** It waits to be placed. */
  | { readonly kind: 'waits'; readonly id: EntryId }
  /** This node holds what the named version has not seen, and held it at `heldSeq` of the log. */
  | { readonly kind: 'overtaken'; readonly id: EntryId; readonly heldSeq: number }

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
    return pending.seq === known.seq && isSameVersion(pending, known) ? { kind: 'waits', id } : null
  }
  const base = state.base(id)
  if (base !== undefined && isSameVersion(base, known)) return { kind: 'held', id, seq: known.seq }
  if (base !== undefined) return isBehindBase(base, known) ? { kind: 'overtaken', id, heldSeq: base.seq } : null
  const tombstone = state.tombstone(id)
  const isOutlived =
    tombstone !== undefined &&
    [known.contentVector, known.placeVector, known.existenceVector].every((vector) =>
      includes(tombstone.existenceVector, vector),
    )
  return isOutlived ? { kind: 'overtaken', id, heldSeq: tombstone.seq } : null
}
