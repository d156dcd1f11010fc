import type { EntryState } from '@causeway/protocol'
import type { BaseEntry } from '../tree.ts'
import { includes, vectorsEqual } from '../version-vector.ts'
import { sameBytesAndMode } from '../commit/deciding.ts'

/** True if the base holds exactly this state: nothing is to be done for it. */
export function isInBase(base: BaseEntry | undefined, state: EntryState): boolean {
  if (base === undefined) return state.deleted
  return (
    !state.deleted &&
    base.parent === state.parent &&
    base.name === state.name &&
    sameContent(base, state) &&
    isSameVersion(base, state)
  )
}

/** True if bytes, target, mode and time are those the base holds. */
export function sameContent(base: Pick<BaseEntry, 'content'>, state: Pick<EntryState, 'content'>): boolean {
  const { content: a } = base
  const { content: b } = state
  return sameBytesAndMode(a, b) && (a.kind !== 'file' || b.kind !== 'file' || a.mtimeNs === b.mtimeNs)
}

/**
 * True if the base has seen something that the state has not: the state is an
 * echo of an earlier moment, or the coordinator was set back and lacks it.
 */
export function isBehindBase(base: Vectors, state: Vectors): boolean {
  return (
    !includes(state.placeVector, base.placeVector) ||
    !includes(state.contentVector, base.contentVector) ||
    !includes(state.existenceVector, base.existenceVector)
  )
}

/**
 * A state that waits to be placed, once an event of this node's own on the same
 * entry was accepted: it keeps what it knows and the base does not, and takes
 * the rest from the base. As it was it would undo that event.
 */
export function withAccepted(waiting: EntryState, base: BaseEntry): EntryState {
  if (waiting.deleted) return waiting
  const { parent, name, placeVector, content, contentVector } = base
  return {
    ...waiting,
    ...(includes(placeVector, waiting.placeVector) && { parent, name, placeVector }),
    ...(includes(contentVector, waiting.contentVector) && { content, contentVector }),
  }
}

/** True if the two are the same version of an entry. */
export function isSameVersion(a: Vectors, b: Vectors): boolean {
  return (
    vectorsEqual(a.placeVector, b.placeVector) &&
    vectorsEqual(a.contentVector, b.contentVector) &&
    vectorsEqual(a.existenceVector, b.existenceVector)
  )
}

type Vectors = Pick<EntryState, 'placeVector' | 'contentVector' | 'existenceVector'>

const FIRST_POSITION = 1

/** A base entry as the state it stands for, to be offered again or brought back. */
export function stateOfBase(base: BaseEntry): EntryState {
  const { id, parent, name, placeVector, content, contentVector, existenceVector } = base
  const seq = Math.max(base.seq, FIRST_POSITION)
  return { id, seq, parent, name, placeVector, content, contentVector, deleted: false, existenceVector }
}
