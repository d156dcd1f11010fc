import { DECISION_ID, type EntryState, type NodeId, type VersionVector } from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { counterOf, hasSeenAll, vectorsEqual, withDot, withoutDecisions, EMPTY_VECTOR } from '../version-vector.ts'

/**
 * True if whoever had seen `seen` had the entry where it is now. An entry that
 * two nodes created, each without the other, is one: to have seen either is to
 * have seen it created.
 */
export function knowsPlace(
  seen: VersionVector,
  { id, placeVector, contentVector }: Pick<EntryState, 'id' | 'placeVector' | 'contentVector'>,
): boolean {
  const knowsEntry = Object.keys(contentVector).some((node) => counterOf(seen, node) >= counterOf(contentVector, node))
  return hasSeenAll(knowsEntry ? withCreation(seen, id) : seen, placeVector)
}

/** The same of an entry that is known, by whatever id. */
export function knowsPlaceOf(
  seen: VersionVector,
  { id, placeVector }: Pick<EntryState, 'id' | 'placeVector'>,
): boolean {
  return hasSeenAll(withCreation(seen, id), placeVector)
}

/**
 * True if a node had moved the entry, and has not heard that the coordinator
 * put it elsewhere than in the directory the node had wanted. What stands
 * beside a rival is where it was wanted, but for its name.
 */
export function isElsewhereTo(
  node: NodeId,
  seen: VersionVector,
  { placeVector, conflictOf }: Pick<EntryState, 'placeVector' | 'conflictOf'>,
): boolean {
  if (conflictOf !== undefined || counterOf(placeVector, node) === 0) return false
  return counterOf(placeVector, DECISION_ID) > counterOf(seen, DECISION_ID)
}

function withCreation(seen: VersionVector, id: EntryState['id']): VersionVector {
  const creation = dotOfEntry(id)
  return creation === undefined ? seen : withDot(seen, creation.node, creation.counter)
}

/** True if nobody ever moved the entry. */
export function isWhereCreated({ id, placeVector }: Pick<EntryState, 'id' | 'placeVector'>): boolean {
  const creation = dotOfEntry(id)
  if (creation === undefined) return false
  return vectorsEqual(withoutDecisions(placeVector), withDot(EMPTY_VECTOR, creation.node, creation.counter))
}
