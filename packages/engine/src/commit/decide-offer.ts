import {
  ROOT_ID,
  entryIdOf,
  type EntryState,
  type OfferOperation,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { EMPTY_VECTOR, compare, hasSeenAll, includes, merge } from '../version-vector.ts'
import { freeName, refused, sameBytes, touched, type Deciding } from './deciding.ts'
import type { ChangedRegister } from './decision.ts'
import { notEnded } from './reached-by.ts'
import { liveDirectory } from './revive.ts'

/**
 * A state that was accepted once and that the coordinator lost (its database
 * is an older copy). The vectors decide, register by register: what is newer
 * stands, so nothing is reverted; what is really concurrent is kept twice.
 */
export function decideOffer(deciding: Deciding, operation: OfferOperation): Outcome {
  const { tree } = deciding
  const offered = operation.state
  for (const vector of [offered.contentVector, offered.placeVector, offered.existenceVector]) tree.absorb(vector)
  // The id names an event too: once it is known here, its node gives it to nothing else.
  const dot = dotOfEntry(offered.id)
  if (dot !== undefined) tree.absorb({ [dot.node]: dot.counter })
  const current = tree.entry(offered.id)
  // An id that stands for an entry which was lost gives it back under that entry's own.
  const id = tree.resolve(offered.id)
  return current === undefined ? takeUnknown(deciding, { ...offered, id }) : takeNewer(deciding, offered, current)
}

function takeUnknown(deciding: Deciding, offered: EntryState): Outcome {
  const { tree, author } = deciding
  if (offered.deleted) return put(deciding, withKnownParent(deciding, offered), ['existence', 'place', 'content'])
  const parent = liveDirectory(deciding, offered.parent)
  if (parent === undefined) return refused('unknown-entry', `the directory ${offered.parent} is not known here`)
  const place = { parent, name: offered.name }
  const occupant = tree.at(place)
  if (occupant === undefined) return put(deciding, { ...offered, ...place }, ['content', 'place'])
  if (sameBytes(occupant.content, offered.content)) {
    tree.witness(author)
    tree.alias(offered.id, occupant.id)
    const contentVector = merge(occupant.contentVector, offered.contentVector)
    return { kind: 'settled', state: tree.put({ ...occupant, contentVector, saves: undefined }, ['content'], author) }
  }
  const own = tree.ownAuthor()
  const aside = { ...offered, parent, name: freeName(deciding, place), placeVector: touched(offered.placeVector, own) }
  tree.openConflict(offered.id, occupant.id)
  return put(deciding, { ...aside, conflictOf: occupant.id }, ['content', 'place'])
}

/** What is deleted needs no directory, but it must not point at what is none. */
function withKnownParent({ tree }: Deciding, offered: EntryState): EntryState {
  const parent = offered.parent === ROOT_ID ? undefined : tree.entry(offered.parent)
  return { ...offered, parent: parent?.content.kind === 'directory' ? parent.id : ROOT_ID }
}

function takeNewer(deciding: Deciding, offered: EntryState, current: EntryState): Outcome {
  const registers: ChangedRegister[] = []
  let next: Omit<EntryState, 'seq'> = current
  const unseen = current.deleted && !offered.deleted ? unseenBy(current.existenceVector, offered) : NOTHING
  const content = compare(offered.contentVector, current.contentVector)
  // What was deleted is no rival of what the delete had not seen.
  const isRival = content === 'concurrent' && !unseen.content && !sameBytes(offered.content, current.content)
  if (isRival) {
    keepBoth(deciding, offered, current)
    // The rival is kept: another node that offers the same, or this one again, must not add a second copy.
    registers.push('content')
    next = { ...next, ...contentOfBoth(offered, current) }
  } else if (content === 'after' || content === 'concurrent') {
    registers.push('content')
    next = { ...next, content: offered.content, ...contentOfBoth(offered, current) }
  }
  if (compare(offered.placeVector, current.placeVector) === 'after') {
    registers.push('place')
    next = { ...next, ...offeredPlace(deciding, offered, current) }
  }
  if (compare(offered.existenceVector, current.existenceVector) === 'after') {
    registers.push('existence')
    const isKeptAlive = offered.deleted && !current.deleted && livesOn(deciding, offered, next)
    next = isKeptAlive ? revived(deciding, offered, next) : withExistence(offered, next)
  } else if (unseen.content || unseen.place) {
    registers.push('existence')
    next = revived(deciding, offered, unseen.place ? { ...next, reachedBy: [] } : { ...next, ...notEnded(next) })
  }
  if (registers.length === 0) return { kind: 'settled', state: current }
  return put(deciding, next.deleted ? next : standingFree(deciding, next), registers)
}

const NOTHING = { content: false, place: false }

/** What of a live state a delete had not seen: the delete was made after that state was lost, so it takes nothing of it. */
function unseenBy(
  existence: VersionVector,
  { contentVector, placeVector }: Pick<EntryState, 'contentVector' | 'placeVector'>,
): { readonly content: boolean; readonly place: boolean } {
  return { content: !hasSeenAll(existence, contentVector), place: !hasSeenAll(existence, placeVector) }
}

/** What had been saved, and by whom, is lost: only who has seen all of it has seen it. */
function contentOfBoth(offered: EntryState, current: EntryState): Pick<EntryState, 'contentVector' | 'saves'> {
  return { contentVector: merge(offered.contentVector, current.contentVector), saves: undefined }
}

/** The newer place; or, where that has become impossible, the one there is, under a vector that tells every node so. */
function offeredPlace(
  deciding: Deciding,
  offered: EntryState,
  current: EntryState,
): Pick<EntryState, 'parent' | 'name' | 'placeVector'> {
  const { tree } = deciding
  const parent = liveDirectory(deciding, offered.parent)
  if (parent !== undefined && !tree.isBelow(parent, current.id)) {
    return { parent, name: offered.name, placeVector: offered.placeVector }
  }
  const placeVector = touched(merge(offered.placeVector, current.placeVector), tree.ownAuthor())
  return { parent: current.parent, name: current.name, placeVector }
}

/** The same entry where nothing else stands: beside its place, if that was taken meanwhile. */
function standingFree(deciding: Deciding, next: Omit<EntryState, 'seq'>): Omit<EntryState, 'seq'> {
  const { tree } = deciding
  const parent = liveDirectory(deciding, next.parent) ?? ROOT_ID
  const occupant = tree.at({ parent, name: next.name })
  const isFree = occupant === undefined || occupant.id === next.id
  if (isFree && parent === next.parent) return next
  const name = isFree ? next.name : freeName(deciding, { parent, name: next.name })
  if (!isFree) tree.openConflict(next.id, occupant.id)
  const placeVector = touched(next.placeVector, tree.ownAuthor())
  return { ...next, parent, name, placeVector, ...(isFree ? {} : { conflictOf: occupant.id }) }
}

/** True if the delete had not seen everything: newer content, or something alive below. */
function livesOn({ tree }: Deciding, offered: EntryState, next: Omit<EntryState, 'seq'>): boolean {
  if (!includes(offered.existenceVector, next.contentVector)) return true
  return next.content.kind === 'directory' && tree.below(next.id).length > 0
}

/** The delete is known and did not win: every node that made it must learn so. */
function revived({ tree }: Deciding, offered: EntryState, next: Omit<EntryState, 'seq'>): Omit<EntryState, 'seq'> {
  const seen = merge(offered.existenceVector, next.existenceVector)
  return { ...next, deleted: false, existenceVector: touched(seen, tree.ownAuthor()) }
}

function withExistence(offered: EntryState, next: Omit<EntryState, 'seq'>): Omit<EntryState, 'seq'> {
  return { ...next, deleted: offered.deleted, existenceVector: offered.existenceVector }
}

function put(deciding: Deciding, next: Omit<EntryState, 'seq'>, registers: readonly ChangedRegister[]): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const before = tree.entry(next.id)
  const state = tree.put(next, registers, author)
  tree.note(author, {
    // Counted by the brake, as any end of a life.
    kind: state.deleted && before?.deleted !== true ? 'delete' : 'restore',
    entry: state,
    decision: 're-offered',
    reason: 'The coordinator had gone back to an older copy; the node still held this newer state.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function keepBoth(deciding: Deciding, offered: EntryState, current: EntryState): void {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, current.parent)
  if (parent === undefined) return
  const own = tree.ownAuthor()
  const copy = tree.put(
    {
      ...offered,
      id: entryIdOf(author.node, author.counter),
      parent,
      name: freeName(deciding, { parent, name: current.name }),
      placeVector: touched(touched(EMPTY_VECTOR, author), own),
      existenceVector: EMPTY_VECTOR,
      deleted: false,
      conflictOf: current.id,
    },
    ['content', 'place'],
    author,
  )
  tree.openConflict(copy.id, current.id)
  tree.note(own, {
    kind: 'conflict',
    entry: copy,
    decision: 'conflict-copy',
    reason: 'After the coordinator went back to an older copy, the file had been edited on both sides.',
    seq: copy.seq,
  })
}
