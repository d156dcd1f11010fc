import { LIMITS, entryIdOf, type EntryState, type Touch, type VersionVector } from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { hasSeen, hasSeenAll, includes, merge, withDot } from '../version-vector.ts'
import type { Author } from './working-tree.ts'

/*
 * What a file holds was put there by one save, or by several that had not seen
 * each other and saved the same bytes. Each of them is a version of its own: it
 * is replaced, or deleted, by who had seen it, and what others saved stays.
 *
 * Who changes only mode or time saves nothing. But a delete that had not seen
 * that is no end of what was touched, nor of what replaced it unseen: so a
 * touch is remembered with the version it was made to, whatever comes first.
 *
 * Where there is only one save and nothing was touched, `contentVector` says it all.
 */

type Saved = Pick<EntryState, 'contentVector' | 'bytesVector' | 'saves'>

export function savesOf({ saves, bytesVector, contentVector }: Saved): readonly VersionVector[] {
  return saves?.vectors ?? [bytesVector ?? contentVector]
}

export function touchesOf({ saves }: Saved): readonly Touch[] {
  return saves?.touches ?? NONE
}

/** What one must have seen to have seen all of the content: each save of it, and each touch. */
export function wholeContent(state: Saved): VersionVector {
  return savesOf(state).reduce((seen, save) => merge(seen, withTouches(save, touchesOf(state))), {})
}

/** The saves of it that whoever had seen `seen` had not seen. */
export function unseenSaves(state: Saved, seen: VersionVector): readonly VersionVector[] {
  return savesOf(state).filter((save) => !hasSeenAll(seen, save))
}

/** The saves of it that a delete leaves which had seen `seen`. */
export function undeletedSaves(state: Saved, seen: VersionVector): readonly VersionVector[] {
  return savesOf(state).filter((save) => !hasSeenAll(seen, withTouches(save, touchesOf(state))))
}

/** The entry with these saves, after these touches. */
export function withSaves<State extends Saved>(
  state: State,
  saves: readonly VersionVector[],
  touches: readonly Touch[] = touchesOf(state),
): State {
  const vectors = bounded(withoutReplaced(saves))
  const isPlain = touches.length === 0 && vectors.length === 1 && sameVector(vectors[0], state.contentVector)
  const bytes = state.bytesVector === undefined ? {} : { bytesVector: vectors.reduce(merge, {}) }
  const kept = { vectors, touches: touches.slice(-LIMITS.touchesPerEntry) }
  return { ...state, ...bytes, saves: isPlain ? undefined : kept }
}

/** One that holds what two entries hold, by the saves of both. */
export function withSavesOfBoth<State extends Saved>(state: State, a: Saved, b: Saved): State {
  return withSaves(state, [...savesOf(a), ...savesOf(b)], [...touchesOf(a), ...touchesOf(b)])
}

export function touchBy({ node, counter }: Author, of: VersionVector): Touch {
  return { touch: entryIdOf(node, counter), of }
}

/** True if it was made to what such a save put there, or to what the save replaced. */
function touches({ touch, of }: Touch, save: VersionVector): boolean {
  const dot = dotOfEntry(touch)
  return dot !== undefined && (includes(save, of) || hasSeenAll(withDot(of, dot.node, dot.counter), save))
}

export function isTouched(state: Saved, touch: Touch): boolean {
  return savesOf(state).some((save) => touches(touch, save))
}

const NONE: readonly Touch[] = []

function withTouches(save: VersionVector, all: readonly Touch[]): VersionVector {
  let seen = save
  for (const touch of all) {
    const dot = dotOfEntry(touch.touch)
    if (dot !== undefined && !hasSeen(save, dot) && touches(touch, save)) seen = withDot(seen, dot.node, dot.counter)
  }
  return seen
}

function withoutReplaced(saves: readonly VersionVector[]): readonly VersionVector[] {
  return saves.filter((save, index) =>
    saves.every((other, at) => at === index || !includes(other, save) || (sameVector(other, save) && at > index)),
  )
}

/** Beyond the limit the oldest count as one: who had seen only one of them has not seen it. */
function bounded(saves: readonly VersionVector[]): readonly VersionVector[] {
  const over = saves.length - LIMITS.savesPerEntry
  return over <= 0 ? saves : [saves.slice(0, over + 1).reduce(merge, {}), ...saves.slice(over + 1)]
}

function sameVector(a: VersionVector | undefined, b: VersionVector): boolean {
  return a !== undefined && includes(a, b) && includes(b, a)
}
