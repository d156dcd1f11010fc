import { ROOT_ID, type EntryState, type MoveOperation, type Outcome, type Place } from '@causeway/protocol'
import { hasSeenAll, includes } from '../version-vector.ts'
import {
  deadVersionsBeside,
  freeName,
  joined,
  refused,
  seenBy,
  touched,
  versionsBeside,
  type Deciding,
} from './deciding.ts'
import type { FolderSnapshot } from './folder-snapshot.ts'
import { placeEntry } from './place-entry.ts'
import { isEnded, outOfReach, reachedBy } from './reached-by.ts'
import { liveDirectory, reviveBelow } from './revive.ts'

/** A rename or move. Of concurrent ones the later in the log stands; both stay in history. */
export function decideMove(deciding: Deciding, operation: MoveOperation): Outcome {
  const { tree } = deciding
  const current = tree.entry(operation.entry)
  if (current === undefined) return refused('unknown-entry', `entry ${operation.entry} is not known here`)
  const wanted = tree.entry(operation.place.parent)
  if (operation.place.parent !== ROOT_ID && wanted?.content.kind !== 'directory') {
    return refused('not-a-directory', `${operation.place.parent} is no directory here`, { states: [current] })
  }
  const closesCircle = tree.isBelow(wanted?.id ?? ROOT_ID, current.id)
  // It was moved all the same: deletes that had not seen it must not take it.
  const { parent, name } = closesCircle ? current : operation.place
  const directory = liveDirectory(deciding, parent) ?? ROOT_ID
  const place = { parent: tree.isBelow(directory, current.id) ? ROOT_ID : directory, name }
  return moveTo(deciding, operation, { current, place, closesCircle })
}

interface Move {
  readonly current: EntryState
  readonly place: Place
  /** It would lie inside itself, as another move was first: it stays where it is. */
  readonly closesCircle: boolean
}

function moveTo(deciding: Deciding, operation: MoveOperation, { current, place, closesCircle }: Move): Outcome {
  const { tree, author } = deciding
  const before = tree.pathOf(current)
  const seen = seenBy(deciding, operation.basedOn)
  const below = reachedBy(current).length > 0 ? tree.belowAndBuried(current) : []
  if (lacksBytes(deciding, current, below)) {
    return refused('unknown-entry', `the bytes of what was deleted, and now moved, are not held here any more`)
  }
  tree.witness(author)
  const { reachedBy: _reach, ...unreached } = current
  const placeVector = joined(current.placeVector, operation.basedOn, author)
  const isWhereAsked = !closesCircle && place.parent === tree.resolve(operation.place.parent)
  const placed = placeEntry(deciding, {
    entry: {
      ...unreached,
      ...place,
      placeVector: isWhereAsked ? placeVector : tree.decided(placeVector),
      deleted: false,
      existenceVector: current.deleted ? tree.decided(current.existenceVector) : current.existenceVector,
    },
    registers: current.deleted ? ['place', 'existence'] : ['place'],
    author,
  })
  reviveBelow(deciding, current, below)
  const state = tree.entry(placed.state.id) ?? placed.state
  moveVersionsAlong(deciding, current, state)
  if (placed.kind === 'apart') return movedApart(deciding, { state, occupant: placed.occupant, before })
  if (placed.kind === 'joined') return movedInto(deciding, { state, before })
  if (state.conflictOf !== undefined) tree.settle(state.id, 'the conflict copy was renamed')
  else tree.settle(state.id, 'the file it stood against was renamed')
  const overtakes = !hasSeenAll(seen, current.placeVector)
  tree.note(author, {
    kind: 'move',
    entry: state,
    pathBefore: before,
    decision: closesCircle ? 'refused' : current.deleted ? 'revived' : overtakes ? 'overtook' : 'fast-forward',
    reason: closesCircle ? CLOSES_CIRCLE : reasonFor(current.deleted, overtakes),
    seq: state.seq,
  })
  const isAsAsked =
    !closesCircle &&
    state.id === operation.entry &&
    state.parent === operation.place.parent &&
    includes(seen, current.placeVector) &&
    !current.deleted
  return isAsAsked ? { kind: 'accepted', seq: state.seq } : { kind: 'settled', state }
}

/**
 * True if the move would bring a file back to life whose bytes are gone: its history was thinned, or the database was
 * lost. The node still has them, and sends what it moved as new.
 */
function lacksBytes({ snapshot, tree }: Deciding, current: EntryState, below: readonly EntryState[]): boolean {
  if (current.deleted && isGone(snapshot, current)) return true
  return below.some(({ id }) => {
    const state = tree.entry(id)
    if (state === undefined || !state.deleted || !isGone(snapshot, state)) return false
    return !isEnded(outOfReach(state, reachedBy(current)))
  })
}

function isGone({ unavailable }: FolderSnapshot, { content }: EntryState): boolean {
  return content.kind === 'file' && unavailable.has(content.hash)
}

/** Other versions of what was moved go along, and are as far out of reach of deletes as it is. */
function moveVersionsAlong(deciding: Deciding, before: EntryState, moved: EntryState): void {
  const { tree, author } = deciding
  const placeOf = (version: EntryState): Place => {
    if (version.parent !== before.parent || before.parent === moved.parent) return version
    const { parent } = moved
    return { parent, name: freeName(deciding, { parent, name: moved.name }) }
  }
  for (const version of versionsBeside(deciding, before)) {
    const { parent, name } = placeOf(version)
    const placeVector = tree.decided(touched(version.placeVector, author))
    tree.put({ ...version, ...outOfReach(version, reachedBy(before)), parent, name, placeVector }, ['place'], author)
  }
  for (const version of deadVersionsBeside(deciding, before)) {
    const reach = outOfReach(version, reachedBy(before))
    if (isEnded(reach) || version.parent !== before.parent || isGone(deciding.snapshot, version)) continue
    const { parent } = moved
    const state = tree.put(
      {
        ...version,
        ...reach,
        parent,
        name: freeName(deciding, { parent, name: moved.name }),
        placeVector: tree.decided(touched(version.placeVector, author)),
        deleted: false,
        existenceVector: tree.decided(version.existenceVector),
      },
      ['place', 'existence'],
      author,
    )
    tree.openConflict(state.id, moved.id)
  }
}

const CLOSES_CIRCLE = 'Another move came first, and this one would have put it inside itself: it stays where it is.'

function reasonFor(revived: boolean, overtakes: boolean): string {
  if (revived) return 'It was deleted elsewhere before this move was known there: it is kept.'
  if (overtakes) return 'It was moved elsewhere at the same time; the later move wins.'
  return 'Based on its latest location.'
}

interface Moved {
  readonly state: EntryState
  /** The path it had. */
  readonly before: string
}

function movedInto({ tree, author }: Deciding, { state, before }: Moved): Outcome {
  tree.note(author, {
    kind: 'merge',
    entry: state,
    pathBefore: before,
    decision: 'joined',
    reason:
      state.content.kind === 'directory'
        ? 'A directory already had this name: the two are now one.'
        : 'A file with identical content already had this name: the two are now one.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function movedApart(
  { tree, author }: Deciding,
  { state, occupant, before }: Moved & { readonly occupant: EntryState },
): Outcome {
  tree.note(author, {
    kind: 'move',
    entry: state,
    pathBefore: before,
    decision: 'renamed-apart',
    reason: 'The new name was already taken; both are kept.',
    seq: state.seq,
  })
  tree.note(tree.ownAuthor(), {
    kind: 'conflict',
    entry: state,
    pathBefore: tree.pathOf(occupant),
    decision: 'renamed-apart',
    reason: 'Two entries were given the same name; the first to arrive keeps it.',
    seq: state.seq,
  })
  return { kind: 'conflict', copy: state, state: occupant }
}
