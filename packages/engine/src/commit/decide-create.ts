import { entryIdOf, type CreateOperation, type EntryState, type Outcome } from '@causeway/protocol'
import { EMPTY_VECTOR, includes, withDot } from '../version-vector.ts'
import { freeName, joined, liveDirectory, refused, sameBytes, seenBy, touched, type Deciding } from './deciding.ts'

/** A new entry: it stands, is one with what is there already, or steps aside under a conflict name. */
export function decideCreate(deciding: Deciding, operation: CreateOperation): Outcome {
  const { tree, author } = deciding
  if (operation.entry !== entryIdOf(author.node, operation.counter)) {
    return refused('invalid', `entry ${operation.entry} is not named after its own event`)
  }
  const parent = liveDirectory(deciding, operation.place.parent)
  if (parent === undefined) {
    return refused('unknown-entry', `the directory ${operation.place.parent} is not known here`)
  }
  const place = { parent, name: operation.place.name }
  const occupant = tree.at(place)
  if (occupant === undefined) return createAt(deciding, operation, place)
  if (sameBytes(occupant.content, operation.content)) return joinWith(deciding, operation, occupant)
  if (isOwnEarlier(deciding, occupant, operation)) return overwriteOwn(deciding, operation, occupant)
  return createAside(deciding, operation, place, occupant)
}

/** True if the name is held by what this node itself created before, in a commit whose answer it never received. */
function isOwnEarlier(deciding: Deciding, occupant: EntryState, operation: CreateOperation): boolean {
  const own = seenBy(deciding, EMPTY_VECTOR)
  const sameKind = occupant.content.kind === operation.content.kind
  return sameKind && includes(own, occupant.contentVector) && includes(own, occupant.placeVector)
}

function overwriteOwn(deciding: Deciding, operation: CreateOperation, occupant: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  tree.alias(operation.entry, occupant.id)
  const contentVector = touched(occupant.contentVector, author)
  const state = tree.put({ ...occupant, content: operation.content, contentVector }, ['content'], author)
  tree.note(author, {
    kind: 'edit',
    entry: state,
    decision: 'fast-forward',
    reason: 'The node had created it before and never learned so: this is its next version.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function newState(
  { author }: Deciding,
  operation: CreateOperation,
  place: { parent: EntryState['parent']; name: string },
): Omit<EntryState, 'seq'> {
  const vector = touched(EMPTY_VECTOR, author)
  return {
    id: operation.entry,
    ...place,
    placeVector: vector,
    content: operation.content,
    contentVector: vector,
    deleted: false,
    existenceVector: EMPTY_VECTOR,
  }
}

function createAt(deciding: Deciding, operation: CreateOperation, place: CreateOperation['place']): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const state = tree.put(newState(deciding, operation, place), ['content', 'place'], author)
  tree.note(author, {
    kind: 'create',
    entry: state,
    decision: 'fast-forward',
    reason: 'Nothing stood at this name.',
    seq: state.seq,
  })
  // A place that is not the one asked for (its directory was joined with another) must reach the node as a state.
  if (place.parent !== operation.place.parent) return { kind: 'settled', state }
  return { kind: 'accepted', seq: state.seq }
}

function joinWith(deciding: Deciding, operation: CreateOperation, occupant: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  tree.alias(operation.entry, occupant.id)
  const state = tree.put(
    { ...occupant, contentVector: joined(occupant.contentVector, EMPTY_VECTOR, author) },
    ['content'],
    author,
  )
  tree.note(author, {
    kind: 'merge',
    entry: state,
    decision: 'joined',
    reason:
      state.content.kind === 'directory'
        ? 'A directory of this name was made elsewhere: the two are one.'
        : 'The same bytes were saved under this name elsewhere: the two are one.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function createAside(
  deciding: Deciding,
  operation: CreateOperation,
  place: CreateOperation['place'],
  occupant: EntryState,
): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const own = tree.ownAuthor()
  const aside = newState(deciding, operation, { ...place, name: freeName(deciding, place) })
  const copy = tree.put(
    { ...aside, placeVector: withDot(aside.placeVector, own.node, own.counter), conflictOf: occupant.id },
    ['content', 'place'],
    author,
  )
  tree.openConflict(copy.id, occupant.id)
  tree.note(author, {
    kind: 'create',
    entry: copy,
    decision: 'conflict-copy',
    reason: `Another node had created ${place.name} first; both are kept.`,
    seq: copy.seq,
  })
  tree.note(own, {
    kind: 'conflict',
    entry: copy,
    pathBefore: tree.pathOf(occupant),
    decision: 'conflict-copy',
    reason: 'Two nodes created the same name with different content; the first to arrive keeps it.',
    seq: copy.seq,
  })
  return { kind: 'conflict', copy, state: occupant }
}
