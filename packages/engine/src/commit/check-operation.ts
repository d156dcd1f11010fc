import {
  LIMITS,
  ROOT_ID,
  type EntryId,
  type EntryState,
  type OfferOperation,
  type Operation,
  type Outcome,
  type Place,
  type VersionVector,
} from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { checkName } from '../names.ts'
import { utf8Length } from '../utf8.ts'
import { counterOf } from '../version-vector.ts'
import { refused, type Deciding } from './deciding.ts'
import type { FolderSnapshot } from './folder-snapshot.ts'
import { reachedBy } from './reached-by.ts'
import { mayHaveBeenLost } from './set-back.ts'
import type { WorkingTree } from './working-tree.ts'

/**
 * Looks at an operation before it is decided: what a node says of itself, of
 * others and of the tree is held against the folder's clock, so that no node
 * can make the folder unusable for the others, by mistake or on purpose. Null
 * where nothing is wrong. What is refused here has changed nothing.
 *
 * Since every vector of the folder's states lies within its clock, a counter
 * above the clock is new, and with it the entry that it names.
 */
export function checkOperation(deciding: Deciding, operation: Operation): Outcome | null {
  return (
    checkCounter(deciding) ??
    (operation.kind === 'offer' ? checkOffer(deciding, operation) : checkEvent(deciding, operation))
  )
}

/** True if the node has given a counter of this request to another event before: its memory was lost or set back. */
export function repeatsCounter({ folder, node }: FolderSnapshot, operations: readonly Operation[]): boolean {
  const known = counterOf(folder.clock, node.id)
  return operations.some(({ counter }) => counter <= known)
}

function checkCounter({ tree, author, snapshot }: Deciding): Outcome | null {
  const most = Math.min(LIMITS.counter, counterOf(tree.clock, author.node) + LIMITS.counterStep)
  if (author.counter <= most) return null
  return refused('invalid', `event ${author.counter} of ${snapshot.node.name} is too far ahead of its last one`)
}

function checkEvent(deciding: Deciding, operation: Exclude<Operation, OfferOperation>): Outcome | null {
  const { tree, snapshot } = deciding
  const isKnown = [deciding.request.clock, ...basesOf(operation)].every((vector) => isWithin(deciding, vector))
  if (!isKnown) {
    const detail = `${snapshot.node.name} has seen events that the folder's log does not hold`
    return refused('ahead', detail, knownStates(tree, operation.entry))
  }
  if (operation.kind !== 'create' && operation.entry === ROOT_ID) return refused('invalid', 'the root is no entry')
  if (operation.kind === 'create') return checkPlace(tree, operation.place)
  if (operation.kind === 'move') return checkMove(tree, operation.entry, operation.place)
  return operation.kind === 'edit' ? checkRevival(tree, operation.entry) : null
}

function basesOf(operation: Exclude<Operation, OfferOperation>): readonly VersionVector[] {
  if (operation.kind === 'edit' || operation.kind === 'move') return [operation.basedOn]
  return operation.kind === 'delete' ? [operation.seenContent, operation.seenPlace] : []
}

/** A node knows nothing that the folder does not, but for its own earlier events. */
function isWithin({ tree, author }: Deciding, vector: VersionVector): boolean {
  return Object.entries(vector).every(([node, counter]) => {
    return counter <= counterOf(tree.clock, node) || (node === author.node && counter < author.counter)
  })
}

function checkMove(tree: WorkingTree, id: EntryId, place: Place): Outcome | null {
  const current = tree.entry(id)
  if (current === undefined) return null
  // It stays where it is then.
  if (tree.isBelow(place.parent, current.id)) return null
  const problem = checkPlace(tree, place, current)
  if (problem !== null) return problem
  if (current.content.kind !== 'directory') return null
  return checkDepthBelow(tree, place, current) ?? checkLengthBelow(tree, place, current)
}

function checkDepthBelow(tree: WorkingTree, place: Place, current: EntryState): Outcome | null {
  if (depthOf(tree, place) <= depthOf(tree, current)) return null
  const depth = depthOf(tree, place) + levelsBelow(tree, current)
  return depth > LIMITS.depth ? unplaceable(`what lies in ${current.name} would be ${depth} names deep`, current) : null
}

/** What lies in a directory is looked at only if it goes so deep that a path in it might become too long. */
function checkLengthBelow(tree: WorkingTree, place: Place, current: EntryState): Outcome | null {
  const bytes = utf8Length(tree.pathOf(place))
  if (bytes <= utf8Length(tree.pathOf(current))) return null
  const most = bytes + (levelsBelow(tree, current) + 1) * (1 + LIMITS.nameBytes)
  if (most <= LIMITS.pathBytes) return null
  const lengths = new Map([[current.id, bytes]])
  for (const { id, parent, name } of tree.belowAndBuried(current)) {
    const length = (lengths.get(parent) ?? 0) + 1 + utf8Length(name)
    lengths.set(id, length)
    if (length <= LIMITS.pathBytes) continue
    const detail = `the path of ${name.slice(0, 80)}, which lies in ${current.name}, would have ${length} bytes, and a path may have ${LIMITS.pathBytes}`
    return unplaceable(detail, current)
  }
  return null
}

/** An edit brings back what was deleted, to where that lies by now. */
function checkRevival(tree: WorkingTree, id: EntryId): Outcome | null {
  const current = tree.entry(id)
  return current?.deleted === true ? checkPlace(tree, current, current) : null
}

/** How deep it goes below an entry, with all that a move of it may bring back. */
function levelsBelow(tree: WorkingTree, entry: EntryState): number {
  let levels = tree.levelsBelow(entry.id)
  if (reachedBy(entry).length === 0) return levels
  const depths = new Map([[entry.id, 0]])
  for (const { id, parent } of tree.belowAndBuried(entry)) {
    const depth = (depths.get(parent) ?? 0) + 1
    depths.set(id, depth)
    levels = Math.max(levels, depth)
  }
  return levels
}

/** Says why no node could write something to this place. */
function checkPlace(tree: WorkingTree, place: Place, current?: EntryState): Outcome | null {
  const name = checkName(place.name)
  if (name !== null) return unplaceable(`the name ${JSON.stringify(place.name.slice(0, 80))} ${name.message}`, current)
  const buried = tree.above(place.parent).find((state) => state.deleted && checkName(state.name) !== null)
  if (buried !== undefined) {
    return unplaceable(`${place.name} would bring back a directory whose name no node can have`, current)
  }
  const depth = depthOf(tree, place)
  if (depth > LIMITS.depth) {
    return unplaceable(`${place.name} would lie deeper than the ${LIMITS.depth} names that a path may have`, current)
  }
  if (utf8Length(tree.pathOf(place)) > LIMITS.pathBytes) {
    return unplaceable(`the path of ${place.name} would be longer than ${LIMITS.pathBytes} bytes`, current)
  }
  return null
}

function unplaceable(detail: string, current?: EntryState): Outcome {
  return refused('unplaceable', detail, current === undefined ? {} : { states: [current] })
}

function depthOf(tree: WorkingTree, place: Place): number {
  return tree.depthOf(place.parent) + 1
}

function checkOffer(deciding: Deciding, { state }: OfferOperation): Outcome | null {
  const { snapshot, tree } = deciding
  const known = knownStates(tree, state.id)
  const { setBack } = snapshot.folder
  if (setBack === null) {
    return refused('not-set-back', 'nothing shows that the coordinator has lost anything', known)
  }
  if (state.deleted && snapshot.node.access !== 'read-write') {
    return refused('no-write-access', `${snapshot.node.name} has no right to say what others deleted`, known)
  }
  const dot = dotOfEntry(state.id)
  if (dot === undefined || state.parent === state.id || state.conflictOf === ROOT_ID) {
    return refused('invalid', `${state.id} is no entry of a folder`, known)
  }
  const vectors = [
    { [dot.node]: dot.counter },
    state.contentVector,
    state.placeVector,
    state.existenceVector,
  ] satisfies readonly VersionVector[]
  let seen = tree.clock
  for (const vector of vectors) {
    if (!mayHaveBeenLost(setBack, seen, vector)) {
      return refused('ahead', `${state.name} names events that can't have been lost`, known)
    }
    seen = { ...vector, ...seen }
  }
  return state.deleted ? null : checkPlace(tree, state)
}

function knownStates(tree: WorkingTree, id: EntryId): { states?: readonly EntryState[] } {
  const state = id === ROOT_ID ? undefined : tree.entry(id)
  return state === undefined ? {} : { states: [state] }
}
