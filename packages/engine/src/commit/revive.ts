import { ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import { freeName, type Deciding } from './deciding.ts'
import { isWhereCreated } from './knows-place.ts'
import { placeEntry, type Placed } from './place-entry.ts'
import { isEnded, outOfReach, reachedBy } from './reached-by.ts'
import type { ChangedRegister } from './decision.ts'

/**
 * Brings deleted directories back, from `parent` up, so that what was added
 * or edited below them has a place. Where a name is taken by now, a directory
 * that was made there takes over as the parent; anything else makes the
 * revived one step aside.
 *
 * Returns the directory that now stands for `parent`, or `undefined` if it is no directory.
 */
export function liveDirectory(deciding: Deciding, parent: EntryId): EntryId | undefined {
  if (parent === ROOT_ID) return ROOT_ID
  const { tree } = deciding
  const directory = tree.entry(parent)
  if (directory === undefined || directory.content.kind !== 'directory') return undefined
  if (!directory.deleted) return directory.id
  const above = liveDirectory(deciding, directory.parent)
  if (above === undefined) return undefined
  const place = { parent: above, name: directory.name }
  const occupant = tree.at(place)
  if (occupant?.content.kind === 'directory' && isWhereCreated(occupant) && isWhereCreated(directory)) {
    tree.alias(directory.id, occupant.id)
    return occupant.id
  }
  const author = tree.ownAuthor()
  const name = occupant === undefined ? place.name : freeName(deciding, place)
  const moved = name !== directory.name || above !== directory.parent
  const revived = tree.put(
    {
      ...directory,
      parent: above,
      name,
      placeVector: moved ? tree.decided(directory.placeVector) : directory.placeVector,
      deleted: false,
      existenceVector: tree.decided(directory.existenceVector),
    },
    moved ? ['existence', 'place'] : ['existence'],
    author,
  )
  tree.note(author, {
    kind: 'restore',
    entry: revived,
    decision: 'revived',
    reason: 'The directory had been deleted while something in it was added, edited or moved elsewhere.',
    seq: revived.seq,
  })
  return revived.id
}

/**
 * Brings a deleted entry back to life in the state given, in its directory,
 * which comes back as well. `undefined` if what stood above is no directory.
 */
export function revive(
  deciding: Deciding,
  state: Omit<EntryState, 'seq'>,
  registers: readonly ChangedRegister[],
): Placed | undefined {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, state.parent)
  if (parent === undefined) return undefined
  const placeVector = parent === state.parent ? state.placeVector : tree.decided(state.placeVector)
  const existenceVector = tree.decided(state.existenceVector)
  return placeEntry(deciding, {
    entry: { ...state, parent, placeVector, deleted: false, existenceVector },
    registers: parent === state.parent ? registers : [...new Set([...registers, 'place' as const])],
    author,
    // As two that were made under one name.
    joinsDirectory: (occupant) => isWhereCreated(occupant) && isWhereCreated(state),
  })
}

/**
 * After a move of which none of the deletes knew that had reached the entry
 * `before`: they reach nothing of what lay below it any more, and what they
 * alone had ended lives again.
 */
export function reviveBelow(deciding: Deciding, before: EntryState, below: readonly EntryState[]): void {
  const { tree, author } = deciding
  for (const { id } of below) {
    const state = tree.entry(id)
    if (state === undefined || state.id !== id) continue
    const reach = outOfReach(state, reachedBy(before))
    if (reach.reachedBy?.length === reachedBy(state).length) continue
    if (!state.deleted || isEnded(reach)) {
      tree.put({ ...state, ...reach }, ['existence'], author)
      continue
    }
    const parent = liveDirectory(deciding, state.parent) ?? ROOT_ID
    const existenceVector = tree.decided(state.existenceVector)
    placeEntry(deciding, {
      entry: { ...state, ...reach, parent, deleted: false, existenceVector },
      registers: ['existence'],
      author,
    })
  }
}
