import { entryIdOf, type CreateOperation, type EntryState, type Outcome } from '@causeway/protocol'
import { EMPTY_VECTOR, hasSeenAll, includes } from '../version-vector.ts'
import { refused, sameBytes, seenBy, touched, type Deciding } from './deciding.ts'
import { isWhereCreated } from './knows-place.ts'
import { joinWith, placeEntry } from './place-entry.ts'
import { liveDirectory } from './revive.ts'
import { wholeContent, withSaves } from './saves.ts'

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
  if (occupant !== undefined && isOwnEarlier(deciding, occupant, operation)) {
    return overwriteOwn(deciding, operation, occupant)
  }
  const copy = occupant === undefined ? undefined : sameBytesBeside(deciding, occupant, operation)
  if (occupant !== undefined && copy !== undefined) return joinCopy(deciding, operation, { copy, occupant })
  return create(deciding, operation, place)
}

/** A rival for the same name that holds the same bytes: another node's, or this one's whose answer was lost. */
function sameBytesBeside(
  { tree, request }: Deciding,
  occupant: EntryState,
  { content }: CreateOperation,
): EntryState | undefined {
  if (sameBytes(occupant.content, content) && (content.kind !== 'directory' || isWhereCreated(occupant)))
    return undefined
  return tree.copiesOf(occupant.id).find((copy) => {
    if (!sameBytes(copy.content, content) || includes(request.clock, copy.placeVector)) return false
    return content.kind !== 'directory' || isWhereCreated(copy)
  })
}

function joinCopy(
  deciding: Deciding,
  operation: CreateOperation,
  { copy, occupant }: { readonly copy: EntryState; readonly occupant: EntryState },
): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const state = joinWith(deciding, newState(deciding, operation, copy), copy, author)
  tree.note(author, { kind: 'merge', entry: state, decision: 'joined', reason: reasonToJoin(state), seq: state.seq })
  return { kind: 'conflict', copy: state, state: occupant }
}

/** True if the name is held by what this node itself created before, in a commit whose answer it never received. */
function isOwnEarlier(deciding: Deciding, occupant: EntryState, operation: CreateOperation): boolean {
  if (sameBytes(occupant.content, operation.content)) return false
  const own = seenBy(deciding, EMPTY_VECTOR)
  const sameKind = occupant.content.kind === operation.content.kind
  return sameKind && hasSeenAll(own, wholeContent(occupant)) && hasSeenAll(own, occupant.placeVector)
}

function overwriteOwn(deciding: Deciding, operation: CreateOperation, occupant: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  tree.alias(operation.entry, occupant.id)
  const contentVector = touched(occupant.contentVector, author)
  const next = withSaves({ ...occupant, content: operation.content, contentVector }, [contentVector])
  const state = tree.put(next, ['content'], author)
  tree.note(author, {
    kind: 'edit',
    entry: state,
    decision: 'fast-forward',
    reason: 'The node had already created this file but never got the answer: this is its next version.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function newState(
  { author }: Deciding,
  operation: CreateOperation,
  { parent, name }: CreateOperation['place'],
): Omit<EntryState, 'seq'> {
  const vector = touched(EMPTY_VECTOR, author)
  return {
    id: operation.entry,
    parent,
    name,
    placeVector: vector,
    content: operation.content,
    contentVector: vector,
    deleted: false,
    existenceVector: EMPTY_VECTOR,
  }
}

function create(deciding: Deciding, operation: CreateOperation, place: CreateOperation['place']): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const entry = newState(deciding, operation, place)
  const placed = placeEntry(deciding, {
    entry,
    registers: ['content', 'place'],
    author,
    joinsDirectory: isWhereCreated,
  })
  const { state } = placed
  switch (placed.kind) {
    case 'free': {
      tree.note(author, {
        kind: 'create',
        entry: state,
        decision: 'fast-forward',
        reason: 'The name was free.',
        seq: state.seq,
      })
      // A place that is not the one asked for (its directory was joined with another) must reach the node as a state.
      const isAsAsked = place.parent === operation.place.parent
      return isAsAsked ? { kind: 'accepted', seq: state.seq } : { kind: 'settled', state }
    }
    case 'joined': {
      tree.note(author, {
        kind: 'merge',
        entry: state,
        decision: 'joined',
        reason: reasonToJoin(state),
        seq: state.seq,
      })
      return { kind: 'settled', state }
    }
    case 'apart': {
      noteConflict(deciding, state, placed.occupant)
      return { kind: 'conflict', copy: state, state: placed.occupant }
    }
  }
}

function reasonToJoin({ content }: EntryState): string {
  return content.kind === 'directory'
    ? 'A directory with this name was created elsewhere: the two are now one.'
    : 'Identical content was saved under this name elsewhere: the two are now one.'
}

function noteConflict({ tree, author }: Deciding, copy: EntryState, occupant: EntryState): void {
  tree.note(author, {
    kind: 'create',
    entry: copy,
    decision: 'conflict-copy',
    reason: `Another node had created ${occupant.name} first; both are kept.`,
    seq: copy.seq,
  })
  tree.note(tree.ownAuthor(), {
    kind: 'conflict',
    entry: copy,
    pathBefore: tree.pathOf(occupant),
    decision: 'conflict-copy',
    reason: 'Two nodes created the same name with different content; the first to arrive keeps it.',
    seq: copy.seq,
  })
}
