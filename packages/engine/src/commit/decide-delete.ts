import type { DeleteOperation, EntryId, EntryState, Outcome, VersionVector } from '@causeway/protocol'
import { bigRemovalNotice } from '../brakes.ts'
import { dotOfEntry } from '../entry-dot.ts'
import { includes, merge } from '../version-vector.ts'
import { refused, seenBy, touched, type Deciding } from './deciding.ts'

/**
 * An explicit delete. It removes what it has seen and nothing else: an edit,
 * a move or a child that the node did not know of lives on, and the
 * directories above it with it.
 */
export function decideDelete(deciding: Deciding, operation: DeleteOperation): Outcome {
  const { tree } = deciding
  const current = tree.entry(operation.entry)
  if (current === undefined) return refused('unknown-entry', `entry ${operation.entry} is not known here`)
  if (current.deleted) return deletedAlready(deciding, current)
  const below = current.content.kind === 'directory' ? tree.below(current.id) : []
  const seenContent = seenBy(deciding, operation.seenContent)
  const seenPlace = seenBy(deciding, operation.seenPlace)
  const clock = seenBy(deciding, deciding.request.clock)
  const seen = (state: EntryState): boolean =>
    state.id === current.id ? hasSeen(state, seenContent, seenPlace) : operation.subtree && hasSeen(state, clock, clock)
  const survivors = survivorsOf([current, ...below], seen)
  return removeAll(deciding, current, below, survivors)
}

function hasSeen(state: EntryState, content: VersionVector, place: VersionVector): boolean {
  const contentSeen = state.content.kind === 'directory' || includes(content, state.contentVector)
  return contentSeen && includes(place, state.placeVector)
}

/** What the delete had not seen, and every directory above it inside the subtree. */
function survivorsOf(subtree: readonly EntryState[], seen: (state: EntryState) => boolean): ReadonlySet<EntryId> {
  const parents = new Map(subtree.map((state) => [state.id, state.parent]))
  const survivors = new Set<EntryId>()
  for (const state of subtree) {
    if (seen(state)) continue
    let at: EntryId | undefined = state.id
    while (at !== undefined && parents.has(at) && !survivors.has(at)) {
      survivors.add(at)
      at = parents.get(at)
    }
  }
  return survivors
}

function deletedAlready({ tree, author }: Deciding, current: EntryState): Outcome {
  tree.witness(author)
  const state = tree.put(
    { ...current, existenceVector: touched(current.existenceVector, author) },
    ['existence'],
    author,
  )
  tree.note(author, {
    kind: 'delete',
    entry: state,
    decision: 'joined',
    reason: 'It was deleted elsewhere too.',
    seq: state.seq,
  })
  return { kind: 'accepted', seq: state.seq }
}

function removeAll(
  { tree, author }: Deciding,
  current: EntryState,
  below: readonly EntryState[],
  survivors: ReadonlySet<EntryId>,
): Outcome {
  tree.witness(author)
  const removed = inOrderOfTheirFall(below.filter((state) => !survivors.has(state.id)))
  if (!survivors.has(current.id)) removed.push(current)
  for (const state of removed) {
    const existenceVector = touched(merge(merge(state.existenceVector, state.contentVector), state.placeVector), author)
    tree.put({ ...state, deleted: true, existenceVector }, ['existence'], author)
    tree.settle(state.id, 'one of the two was deleted')
  }
  const states = [current, ...below].filter((state) => survivors.has(state.id))
  const last = tree.entry(current.id) ?? current
  tree.note(author, {
    kind: 'delete',
    entry: last,
    decision: states.length === 0 ? 'fast-forward' : 'kept',
    reason: reasonFor(removed.length, states.length),
    seq: removed.length === 0 ? 0 : tree.head,
    entries: removed.length,
  })
  return states.length === 0 ? { kind: 'accepted', seq: last.seq } : { kind: 'kept', states }
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
  const notice = bigRemovalNotice(removed)
  const undo = notice === null ? '' : ` Note that ${notice.reason}; undoing this event brings them all back.`
  return survivors === 0
    ? `It had seen every change to what it removed.${undo}`
    : `${survivors} entries were added, edited or moved elsewhere and live on.${undo}`
}
