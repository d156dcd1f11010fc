import {
  LIMITS,
  type DeleteOperation,
  type EntryId,
  type EntryState,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'
import { bigRemovalNotice } from '../brakes.ts'
import { dotOfEntry } from '../entry-dot.ts'
import { hasSeenAll, merge } from '../version-vector.ts'
import { refused, seenBy, touched, versionsBeside, type Deciding } from './deciding.ts'
import { isElsewhereTo, knowsPlace, knowsPlaceOf } from './knows-place.ts'
import { noteFall } from './place-entry.ts'
import { isEnded, withReach } from './reached-by.ts'
import { savesOf, undeletedSaves, wholeContent, withSaves } from './saves.ts'

/**
 * An explicit delete. It removes what it had seen where it had seen it: an
 * edit, a move or a child that the node did not know of lives on, what was
 * moved with all that lies below it, and the directories above with it.
 */
export function decideDelete(deciding: Deciding, operation: DeleteOperation): Outcome {
  const { tree } = deciding
  const before = tree.entry(operation.entry)
  if (before === undefined) return refused('unknown-entry', `entry ${operation.entry} is not known here`)
  if (!knowsPlaceOf(seenBy(deciding, operation.seenPlace), before)) return outOfItsReach(deciding, before)
  const isOneOfSeveral = endVersionsBeside(deciding, operation, before)
  const current = leftUndeleted(deciding, before, seenBy(deciding, operation.seenContent))
  const all = current.content.kind === 'directory' ? tree.belowAndBuried(current) : []
  const reached = reachOf(deciding, operation, { current, below: all })
  const below = leftBelow(deciding, operation, { below: all, reached })
  const ofVersions = below.flatMap(({ id, bytesVector, conflictOf }) => {
    return bytesVector !== undefined && conflictOf !== undefined && reached.has(id) ? [conflictOf] : []
  })
  return remove(deciding, { current, below, reached, split: new Set(isOneOfSeveral ? [current.id] : ofVersions) })
}

/** It was moved, and the delete had not seen that: it lives on, whole. */
function outOfItsReach({ tree, author }: Deciding, current: EntryState): Outcome {
  tree.witness(author)
  const isGone = current.deleted
  tree.note(author, {
    kind: 'delete',
    entry: current,
    decision: isGone ? 'joined' : 'kept',
    reason: isGone
      ? 'It was deleted elsewhere too.'
      : 'It was moved elsewhere at the same time: it is kept, with everything in it.',
    seq: 0,
    entries: 0,
  })
  return isGone ? { kind: 'accepted', seq: current.seq, gone: 1 } : { kind: 'kept', states: [current], gone: 0 }
}

/** An edit of the node's own that became a conflict copy, unknown to it: it deleted that too. True if there was one. */
function endVersionsBeside(deciding: Deciding, operation: DeleteOperation, current: EntryState): boolean {
  const { tree, author } = deciding
  const seen = seenBy(deciding, operation.seenContent)
  const versions = versionsBeside(deciding, current)
  const own = versions.filter((copy) => undeletedSaves(copy, seen).length === 0)
  for (const copy of versions) leftUndeleted(deciding, copy, seen)
  for (const copy of own) {
    const existenceVector = touched(merge(merge(copy.existenceVector, copy.contentVector), copy.placeVector), author)
    const reach = withReach(copy, author, true)
    const state = tree.put({ ...copy, ...reach, deleted: true, existenceVector }, ['existence'], author)
    noteFall(
      tree,
      state,
      'The node had saved it and deleted it again, without having heard that it was a conflict copy.',
    )
    tree.settle(copy.id, 'one of the two was deleted')
  }
  return own.length > 0
}

/** Of several that had saved the same bytes, the deleting node had seen some: the bytes are the others' now. */
function leftUndeleted({ tree, author }: Deciding, state: EntryState, seen: VersionVector): EntryState {
  const left = undeletedSaves(state, seen)
  const isSplit = !state.deleted && left.length > 0 && left.length < savesOf(state).length
  return isSplit ? tree.put(withSaves(state, left), ['content'], author) : state
}

function leftBelow(
  deciding: Deciding,
  { unseenContents }: DeleteOperation,
  { below, reached }: Pick<Removal, 'below' | 'reached'>,
): readonly EntryState[] {
  const clock = seenBy(deciding, deciding.request.clock)
  const unseen = new Set(unseenContents?.map((id) => deciding.tree.resolve(id)))
  return below.map((state) => {
    return reached.get(state.id) === false && !unseen.has(state.id) ? leftUndeleted(deciding, state, clock) : state
  })
}

interface Subtree {
  readonly current: EntryState
  /** Parents first. */
  readonly below: readonly EntryState[]
}

interface Removal extends Subtree {
  readonly reached: Reach
  /** Files of which another version, beside them, is reached too: a later move of the file is one of that version. */
  readonly split: ReadonlySet<EntryId>
}

/** What the delete reaches, and whether it had seen the content as well. */
type Reach = ReadonlyMap<EntryId, boolean>

function reachOf(deciding: Deciding, operation: DeleteOperation, { current, below }: Subtree): Reach {
  const { tree, author } = deciding
  const clock = seenBy(deciding, deciding.request.clock)
  const unseenPlaces = new Set(operation.unseenPlaces?.map((id) => tree.resolve(id)))
  const unseenContents = new Set(operation.unseenContents?.map((id) => tree.resolve(id)))
  const seenContent = seenBy(deciding, operation.seenContent)
  const reached = new Map([[current.id, hasSeenAll(seenContent, wholeContent(current))]])
  if (!operation.subtree) return reached
  for (const state of below) {
    const { id, parent } = state
    if (!reached.has(parent) || unseenPlaces.has(id) || !knowsPlace(clock, state)) continue
    if (isElsewhereTo(author.node, clock, state)) continue
    reached.set(id, !unseenContents.has(id) && hasSeenAll(clock, wholeContent(state)))
  }
  return reached
}

function remove({ tree, author }: Deciding, removal: Removal): Outcome {
  const { current, reached } = removal
  tree.witness(author)
  const fates = fatesOf(removal, (state) => withReach(state, author, reached.get(state.id) === true))
  for (const state of [
    ...inOrderOfTheirFall(fates.fall.filter(({ id }) => id !== current.id)),
    ...fates.fall.filter(({ id }) => id === current.id),
  ]) {
    const existenceVector = touched(merge(merge(state.existenceVector, state.contentVector), state.placeVector), author)
    tree.put({ ...state, deleted: true, existenceVector }, ['existence'], author)
    tree.settle(state.id, 'one of the two was deleted')
  }
  const head = fates.fall.length === 0 ? 0 : tree.head
  for (const state of fates.remember) {
    const existenceVector = touched(state.existenceVector, author)
    tree.put(
      { ...state, existenceVector: state.deleted ? existenceVector : tree.decided(existenceVector) },
      ['existence'],
      author,
    )
  }
  const last = tree.entry(current.id) ?? current
  const survivors = fates.live.length
  tree.note(author, {
    kind: 'delete',
    entry: last,
    decision: survivors > 0 ? 'kept' : fates.fall.length === 0 ? 'joined' : 'fast-forward',
    reason: reasonFor(fates.fall.length, survivors),
    seq: head,
    entries: fates.fall.length,
  })
  const { gone } = fates
  if (survivors === 0) return { kind: 'accepted', seq: last.seq, gone }
  const states = fates.live.slice(0, LIMITS.namedByDelete).map((state) => tree.entry(state.id) ?? state)
  return { kind: 'kept', states, gone }
}

interface Fates {
  readonly fall: readonly EntryState[]
  readonly live: readonly EntryState[]
  /** Directories that live for what is in them, files that are `split`, and tombstones: they have been reached once more. */
  readonly remember: readonly EntryState[]
  /** How many of those that were reached are no more. */
  readonly gone: number
}

/** From the bottom up: an entry lives if nothing ends it, or if something in it lives. */
function fatesOf(
  { current, below, reached, split }: Removal,
  reach: (state: EntryState) => Pick<EntryState, 'reachedBy'>,
): Fates {
  const fall: EntryState[] = []
  const live: EntryState[] = []
  const remember: EntryState[] = []
  const holdsLife = new Set<EntryId>()
  let gone = 0
  for (const before of [current, ...below].reverse()) {
    const state = reached.has(before.id) ? { ...before, ...reach(before) } : before
    const lives = !before.deleted && (!isEnded(state) || holdsLife.has(state.id))
    if (lives) {
      live.push(before)
      holdsLife.add(state.parent)
    }
    if (!reached.has(before.id)) continue
    if (!lives) gone += 1
    if (!lives && !before.deleted) fall.push(state)
    else if (before.deleted || state.content.kind === 'directory' || split.has(before.id)) remember.push(state)
  }
  return { fall: fall.reverse(), live: live.reverse(), remember: remember.reverse(), gone }
}

/**
 * The latest created first: so most often what is in a directory falls before
 * it, and log positions and ids go hand in hand, which makes a whole tree's
 * tombstones a few numbers (see `compactStates`).
 */
function inOrderOfTheirFall(states: readonly EntryState[]): EntryState[] {
  const dotted = states.map((state) => ({ state, dot: dotOfEntry(state.id) }))
  dotted.sort((a, b) => {
    if (a.dot?.node !== b.dot?.node) return (a.dot?.node ?? '') < (b.dot?.node ?? '') ? -1 : 1
    return (b.dot?.counter ?? 0) - (a.dot?.counter ?? 0)
  })
  return dotted.map(({ state }) => state)
}

/** A big removal is everyday work and does not wait; whoever reads of it learns that it can be taken back whole. */
function reasonFor(removed: number, survivors: number): string {
  if (removed === 0 && survivors === 0) return 'It was deleted elsewhere too.'
  const notice = bigRemovalNotice(removed)
  const undo = notice === null ? '' : ` Note that ${notice.reason}; undoing this event brings them all back.`
  return survivors === 0
    ? `It had seen every change to what it removed.${undo}`
    : `${survivors} entries were added, edited or moved elsewhere and live on.${undo}`
}
