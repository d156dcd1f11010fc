import { LIMITS, entryIdOf, type EntryState, type ReachedBy } from '@causeway/protocol'
import type { Author } from './working-tree.ts'

/*
 * A delete reaches an entry where it had seen it: if the entry, and every
 * directory from it up to the one that was deleted, lies where the delete saw
 * it lie. If it had seen the content too, it ends the entry. An entry lives if
 * no delete ends it, or if it is a directory with a live child.
 *
 * What was changed afterwards no delete before had seen: a new content is no
 * longer ended, and what is moved is out of reach of all that reached it, with
 * everything below it. That makes the outcome the same in whatever order
 * deletes, edits and moves arrive.
 */

type Reached = Pick<EntryState, 'reachedBy'>

const NOBODY: readonly ReachedBy[] = []

export function reachedBy(state: Reached): readonly ReachedBy[] {
  return state.reachedBy ?? NOBODY
}

/** True if a delete had seen all of it: it lives only for what is in it. */
export function isEnded(state: Reached): boolean {
  return reachedBy(state).some(({ ends }) => ends)
}

export function withReach(state: Reached, { node, counter }: Author, ends: boolean): Reached {
  const id = entryIdOf(node, counter)
  const others = reachedBy(state).filter((reach) => reach.delete !== id)
  return { reachedBy: [...others, { delete: id, ends }].slice(-LIMITS.deletesPerEntry) }
}

/** After a new content: what lies below is within reach as before. */
export function notEnded(state: Reached): Reached {
  if (!isEnded(state)) return state.reachedBy === undefined ? {} : { reachedBy: state.reachedBy }
  return { reachedBy: reachedBy(state).map((reach) => ({ ...reach, ends: false })) }
}

/** After a directory above, or the entry itself, was moved: those that had reached that one reach this one no more. */
export function outOfReach(state: Reached, of: readonly ReachedBy[]): Reached {
  const gone = new Set(of.map((reach) => reach.delete))
  return { reachedBy: reachedBy(state).filter((reach) => !gone.has(reach.delete)) }
}
