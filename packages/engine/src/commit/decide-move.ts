import type { EntryState, MoveOperation, Outcome, Place } from '@causeway/protocol'
import { includes } from '../version-vector.ts'
import { freeName, joined, liveDirectory, refused, seenBy, touched, type Deciding } from './deciding.ts'
import { revive } from './revive.ts'

/** A rename or move. Of concurrent ones the later in the log stands; both stay in history. */
export function decideMove(deciding: Deciding, operation: MoveOperation): Outcome {
  const { tree } = deciding
  const current = tree.entry(operation.entry)
  if (current === undefined) return refused('unknown-entry', `entry ${operation.entry} is not known here`)
  const parent = liveDirectory(deciding, operation.place.parent)
  if (parent === undefined) {
    return refused('not-a-directory', `${operation.place.parent} is no directory here`, { states: [current] })
  }
  if (tree.isBelow(parent, current.id)) {
    return refused('cycle', `${current.name} would lie inside itself: another move was first`, { states: [current] })
  }
  return moveTo(deciding, operation, current, { parent, name: operation.place.name })
}

function moveTo(deciding: Deciding, operation: MoveOperation, current: EntryState, place: Place): Outcome {
  const { tree, author } = deciding
  const before = tree.pathOf(current)
  const overtakes = !includes(seenBy(deciding, operation.basedOn), current.placeVector)
  const occupant = tree.at(place)
  const taken = occupant !== undefined && occupant.id !== current.id
  tree.witness(author)
  const moved: Omit<EntryState, 'seq'> = {
    ...current,
    parent: place.parent,
    name: taken ? freeName(deciding, place) : place.name,
    placeVector: joined(current.placeVector, operation.basedOn, author),
  }
  if (taken) return moveAside(deciding, moved, occupant, before)
  const state = current.deleted ? revive(deciding, moved, ['place', 'existence']) : tree.put(moved, ['place'], author)
  if (state === undefined)
    return refused('invalid', 'the directory above is no directory any more', { states: [current] })
  if (state.conflictOf !== undefined) tree.settle(state.id, 'the conflict copy was renamed')
  else tree.settle(state.id, 'the file it stood against was renamed')
  tree.note(author, {
    kind: 'move',
    entry: state,
    pathBefore: before,
    decision: current.deleted ? 'revived' : overtakes ? 'overtook' : 'fast-forward',
    reason: reasonFor(current.deleted, overtakes),
    seq: state.seq,
  })
  const asAsked = state.parent === operation.place.parent && !overtakes && !current.deleted
  return asAsked ? { kind: 'accepted', seq: state.seq } : { kind: 'settled', state }
}

function reasonFor(revived: boolean, overtakes: boolean): string {
  if (revived) return 'It was deleted elsewhere without having seen this move: it stays.'
  if (overtakes) return 'It was moved elsewhere at the same time; the later move stands.'
  return 'It was based on the newest place.'
}

function moveAside(deciding: Deciding, moved: Omit<EntryState, 'seq'>, occupant: EntryState, before: string): Outcome {
  const { tree, author } = deciding
  const own = tree.ownAuthor()
  const copy = tree.put(
    {
      ...moved,
      placeVector: touched(moved.placeVector, own),
      deleted: false,
      existenceVector: moved.deleted ? touched(moved.existenceVector, author) : moved.existenceVector,
      conflictOf: occupant.id,
    },
    moved.deleted ? ['place', 'existence'] : ['place'],
    author,
  )
  tree.openConflict(copy.id, occupant.id)
  tree.note(author, {
    kind: 'move',
    entry: copy,
    pathBefore: before,
    decision: 'renamed-apart',
    reason: 'Something else holds the new name already; both are kept.',
    seq: copy.seq,
  })
  tree.note(own, {
    kind: 'conflict',
    entry: copy,
    pathBefore: tree.pathOf(occupant),
    decision: 'renamed-apart',
    reason: 'Two entries were given the same name; the first to arrive keeps it.',
    seq: copy.seq,
  })
  return { kind: 'conflict', copy, state: occupant }
}
