import type { EntryId, EntryState } from '@causeway/protocol'
import { merge } from '../version-vector.ts'
import { isUnheard, sameBytes, type Deciding } from './deciding.ts'
import { withLaterMode, withLaterTime } from './merge-content.ts'
import { isWhereCreated } from './knows-place.ts'
import { bury } from './place-entry.ts'
import { withSavesOfBoth } from './saves.ts'

/**
 * After an edit: versions of one file that hold the same bytes by now are one,
 * as they would have been had the edit come first. Only what the node has not
 * heard to be apart: else the two are meant to be two. Returns what the entry
 * that was `written` became.
 */
export function uniteAlike(deciding: Deciding, written: EntryState, file: EntryId): EntryState {
  const { tree } = deciding
  const main = tree.entry(fileOf(deciding, written) ?? file)
  if (main === undefined || main.content.kind === 'directory') return written
  const all = [...(main.deleted ? [] : [main]), ...tree.copiesOf(main.id).filter((copy) => isUnheard(deciding, copy))]
  const alike = all.filter(({ id, content }) => id !== written.id && sameBytes(content, written.content))
  return alike.reduce((state, other) => {
    return other.id === main.id ? unite(deciding, other, state) : unite(deciding, state, other)
  }, written)
}

/** What a conflict copy stands against, to whom has not heard that it does. */
function fileOf(deciding: Deciding, copy: EntryState): EntryId | undefined {
  return isUnheard(deciding, copy) ? copy.conflictOf : undefined
}

function unite(deciding: Deciding, stays: EntryState, goes: EntryState): EntryState {
  const { tree, author } = deciding
  const content = withLaterTime(stays.content, goes.content)
  const next = {
    ...stays,
    ...withLaterMode(content, stays, goes),
    contentVector: merge(stays.contentVector, goes.contentVector),
    placeVector: isWithFile(goes) ? stays.placeVector : merge(stays.placeVector, goes.placeVector),
  }
  const state = tree.put(withSavesOfBoth(next, stays, goes), ['content'], author)
  bury(deciding, goes, author)
  tree.settle(goes.id, 'both hold the same bytes now')
  tree.alias(goes.id, stays.id)
  return state
}

/** True if it lies where the file lies because both were made there, or because it was the file. */
function isWithFile(copy: EntryState): boolean {
  return copy.bytesVector !== undefined || isWhereCreated(copy)
}
