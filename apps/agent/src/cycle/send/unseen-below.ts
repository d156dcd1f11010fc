import { LIMITS, ROOT_ID, type DeleteOperation, type EntryId } from '@causeway/protocol'
import { vectorsEqual } from '@causeway/engine'
import type { ReplicaState } from '@causeway/replica'

/** What a delete of a directory must not take for seen. */
export type Unseen = Required<Pick<DeleteOperation, 'unseenPlaces' | 'unseenContents'>>

export const NOTHING_UNSEEN: Partial<Unseen> = {}

/**
 * The entries below a directory of which the log has told, and which this disk
 * does not hold yet as told: the node's clock counts them as seen, and nobody
 * here has seen them. `null` if they are too many to be named.
 */
export function unseenBelow(state: ReplicaState, directory: EntryId): Partial<Unseen> | null {
  if (state.pendingCount() === 0) return NOTHING_UNSEEN
  if (state.pendingCount() > LIMITS.namedByDelete) return null
  const unseen = { unseenPlaces: new Array<EntryId>(), unseenContents: new Array<EntryId>() }
  for (const pending of state.pending()) {
    if (pending.deleted || pending.id === directory) continue
    const base = state.base(pending.id)
    const isBelow =
      liesBelow(state, pending.parent, directory) || (base !== undefined && liesBelow(state, base.parent, directory))
    if (!isBelow) continue
    if (base === undefined || !vectorsEqual(base.placeVector, pending.placeVector)) unseen.unseenPlaces.push(pending.id)
    else if (!vectorsEqual(base.contentVector, pending.contentVector)) unseen.unseenContents.push(pending.id)
  }
  return unseen
}

function liesBelow(state: ReplicaState, parent: EntryId, directory: EntryId): boolean {
  let at = parent
  for (let steps = 0; steps <= LIMITS.depth && at !== ROOT_ID; steps++) {
    if (at === directory) return true
    const above = state.base(at) ?? state.pendingOf(at)
    if (above === undefined) return false
    at = above.parent
  }
  return false
}
