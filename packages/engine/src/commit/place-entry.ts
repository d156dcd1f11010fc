import type { EntryState } from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { hasSeen, merge } from '../version-vector.ts'
import type { ChangedRegister } from './decision.ts'
import { freeName, sameBytes, seenBy, type Deciding } from './deciding.ts'
import { withLaterMode, withLaterTime, withModeOf } from './merge-content.ts'
import { notEnded, reachedBy } from './reached-by.ts'
import { withSavesOfBoth } from './saves.ts'
import type { Author } from './working-tree.ts'

/** What became of an entry that was to stand at a place. */
export type Placed =
  | { readonly kind: 'free'; readonly state: EntryState }
  /** It is one with what stood there: `state` is that one, and the entry's own id an alias of it. */
  | { readonly kind: 'joined'; readonly state: EntryState }
  /** Something else has the name: it stands beside it, as a conflict copy. */
  | { readonly kind: 'apart'; readonly state: EntryState; readonly occupant: EntryState }

export interface Placing {
  /** The entry, alive, in the directory and under the name it is to have. The directory is alive. */
  readonly entry: Omit<EntryState, 'seq'>
  readonly registers: readonly ChangedRegister[]
  readonly author: Author
  /** True if a directory may become one with the directory that stands there. */
  readonly joinsDirectory?: (occupant: EntryState) => boolean
}

/**
 * Puts an entry at its place. What stands there already keeps the name: if
 * both hold the same bytes they become one, and so do directories that two
 * nodes made; else the newcomer gets a conflict name. A directory that was
 * moved is never mixed with another.
 */
export function placeEntry(deciding: Deciding, { entry, registers, author, joinsDirectory }: Placing): Placed {
  const { tree } = deciding
  const occupant = tree.at(entry)
  if (occupant === undefined || occupant.id === entry.id) {
    return { kind: 'free', state: tree.put(entry, registers, author) }
  }
  const joins = occupant.content.kind !== 'directory' || joinsDirectory?.(occupant) === true
  if (joins && sameBytes(occupant.content, entry.content)) {
    return { kind: 'joined', state: joinWith(deciding, entry, occupant, author) }
  }
  const state = tree.put(
    {
      ...entry,
      name: freeName(deciding, entry),
      placeVector: tree.decided(entry.placeVector),
      conflictOf: occupant.id,
    },
    [...new Set([...registers, 'place' as const])],
    author,
  )
  tree.openConflict(state.id, occupant.id)
  return { kind: 'apart', state, occupant }
}

/** Makes two entries one: the occupant. */
export function joinWith(
  deciding: Deciding,
  entry: Omit<EntryState, 'seq'>,
  occupant: EntryState,
  author: Author,
): EntryState {
  const { tree } = deciding
  const before = tree.entry(entry.id)
  const content = withLaterTime(occupant.content, entry.content)
  const isMadeAnew = before === undefined && isEndedAsSeenBy(deciding, occupant)
  const joined = {
    ...occupant,
    ...(isMadeAnew ? withModeOf(content, entry) : withLaterMode(content, occupant, entry)),
    ...notEnded(occupant),
    contentVector: merge(occupant.contentVector, entry.contentVector),
    // Two that were made here are one that was made here (see `knowsPlace`); what was moved here stays moved.
    placeVector: before === undefined ? occupant.placeVector : merge(occupant.placeVector, entry.placeVector),
  }
  const state = tree.put(
    content.kind === 'directory' ? joined : withSavesOfBoth(joined, occupant, entry),
    before === undefined ? ['content'] : ['content', 'place'],
    author,
  )
  if (before !== undefined) bury(deciding, before, author)
  tree.alias(entry.id, occupant.id)
  return state
}

/** True if the author had seen a delete that ended the entry: what it makes in its place comes after. */
function isEndedAsSeenBy(deciding: Deciding, entry: EntryState): boolean {
  const seen = seenBy(deciding, deciding.request.clock)
  return reachedBy(entry).some((reach) => {
    const dot = reach.ends ? dotOfEntry(reach.delete) : undefined
    return dot !== undefined && hasSeen(seen, dot)
  })
}

/** Every tombstone is told of by an event: nodes hold those against what the log brings. */
export function noteFall(tree: Deciding['tree'], state: EntryState, reason: string): void {
  tree.note(tree.ownAuthor(), { kind: 'delete', entry: state, decision: 'joined', reason, seq: state.seq })
}

/** The place that an entry had is empty from now on: it goes by another id. */
export function bury({ tree }: Deciding, entry: EntryState, author: Author): void {
  const { reachedBy: _reach, bytesVector: _bytes, saves: _saves, ...rest } = entry
  const seen = merge(merge(entry.existenceVector, entry.contentVector), entry.placeVector)
  const state = tree.put({ ...rest, deleted: true, existenceVector: tree.decided(seen) }, ['existence'], author)
  noteFall(tree, state, 'Merged into the identical entry that already had its new name.')
}
