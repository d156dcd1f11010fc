import type { Content, DeleteOperation, EntryId, EntryState, Operation, Outcome, NodeId } from '@causeway/protocol'
import { EMPTY_VECTOR, merge, withDot } from '../version-vector.ts'
import type { BaseEntry, BaseView, Stat } from '../tree.ts'
import { baseBelow } from './order-changes.ts'
import { stateOfBase } from './remote.ts'

/** How the node's memory changes by one answered operation. */
export interface Advance {
  readonly put: readonly BaseEntry[]
  readonly removed: readonly EntryId[]
  /** States the coordinator holds and the disk does not yet. */
  readonly pending: readonly EntryState[]
  readonly tombstones: readonly EntryState[]
  /** The id under which the coordinator knows what this node had given another: nothing is pending under the first any more. */
  readonly alias: { readonly from: EntryId; readonly to: EntryId } | null
  /** True if the answer does not cover all that the operation was about: only the change log tells what became of the rest. */
  readonly isIncomplete?: boolean
}

/** An operation as it was sent, with what the disk then held. */
export interface SentOperation {
  readonly operation: Operation
  readonly node: NodeId
  /** What the disk held when the operation was made; `null` for deletes and offers. */
  readonly onDisk: { readonly content: Content; readonly stat: Stat; readonly racy: boolean } | null
}

const NOTHING: Advance = { put: [], removed: [], pending: [], tombstones: [], alias: null }

/**
 * Turns an outcome into the next base: what the coordinator now has in safety
 * is base, and wherever it decided otherwise than the disk stands, its state
 * is pending. The disk is not touched here.
 */
export function advance(base: BaseView, sent: SentOperation, outcome: Outcome): Advance {
  switch (sent.operation.kind) {
    case 'create':
      return advanceCreate(base, sent, outcome)
    case 'edit':
    case 'move':
      return advanceRegister(base, sent, outcome)
    case 'delete':
      return advanceDelete(base, sent, sent.operation, outcome)
    case 'offer':
      return outcome.kind === 'settled' ? advanceOffer(base, sent.operation.state.id, outcome.state) : NOTHING
  }
}

function pendingOnly(pending: readonly EntryState[]): Advance {
  return { ...NOTHING, pending }
}

function advanceCreate(base: BaseView, { operation, onDisk, node }: SentOperation, outcome: Outcome): Advance {
  if (operation.kind !== 'create' || onDisk === null) return NOTHING
  const vector = withDot(EMPTY_VECTOR, node, operation.counter)
  const local: BaseEntry = {
    id: operation.entry,
    ...operation.place,
    placeVector: vector,
    content: onDisk.content,
    contentVector: vector,
    existenceVector: EMPTY_VECTOR,
    seq: 0,
    stat: onDisk.stat,
    racy: onDisk.racy,
  }
  if (outcome.kind === 'accepted') return { ...NOTHING, put: [{ ...local, seq: outcome.seq }] }
  if (outcome.kind === 'conflict') {
    const pending = unknownTo(base, [outcome.copy, outcome.state])
    // The same create had become a conflict copy before, unknown to this node.
    const { id } = outcome.copy
    const alias = id === operation.entry ? null : { from: operation.entry, to: id }
    return { ...NOTHING, put: [{ ...local, id, seq: outcome.copy.seq }], pending, alias }
  }
  if (outcome.kind !== 'settled') return NOTHING
  return joinedWith(base, local, outcome.state)
}

/**
 * What this node holds as `local` is `state` to the coordinator, another
 * entry. If this disk has that one as well, elsewhere, the two change ids:
 * what lies elsewhere is the left-over now, and goes, as far as nobody changed
 * it; what is in it goes to where the coordinator has it.
 */
function joinedWith(base: BaseView, local: BaseEntry, state: EntryState): Advance {
  const alias = { from: local.id, to: state.id }
  const here = { ...local, ...vectorsOf(state), id: state.id, seq: state.seq }
  if (state.id === local.id) return { ...NOTHING, put: [here], pending: [state], alias }
  const children = base.baseChildren(local.id).map((child) => ({ ...child, parent: state.id }))
  const other = base.base(state.id)
  if (other === undefined) {
    const removed = base.base(local.id) === undefined ? [] : [local.id]
    return { ...NOTHING, removed, put: [here, ...children], pending: [state], alias }
  }
  const leftOver = { ...other, id: local.id }
  const inside = base.baseChildren(state.id)
  return {
    ...NOTHING,
    put: [here, ...children, leftOver, ...inside.map((child) => ({ ...child, parent: local.id }))],
    pending: [state, { ...stateOfBase(leftOver), deleted: true }, ...inside.map(stateOfBase)],
    alias,
  }
}

/** Takes an entry and all below it out of the base; what the coordinator holds of it is pending again. */
function forgotten(base: BaseView, entry: BaseEntry, state: EntryState): Advance {
  const all = [entry, ...baseBelow(base, entry.id, new Set())]
  // Where the coordinator knows the entry under another id, its children lie below that one.
  const below = all
    .filter(({ id }) => id !== entry.id)
    .map((child) => stateOfBase(child.parent === entry.id ? { ...child, parent: state.id } : child))
  return { ...NOTHING, removed: all.map(({ id }) => id), pending: [state, ...below] }
}

/** The coordinator knows what was offered under another id by now: the base follows, children and all. */
function advanceOffer(base: BaseView, offered: EntryId, state: EntryState): Advance {
  const before = base.base(offered)
  if (state.id === offered) return pendingOnly([state])
  const alias = { from: offered, to: state.id }
  if (before === undefined) return { ...pendingOnly([state]), alias }
  const other = base.base(state.id)
  if (other !== undefined) return { ...forgotten(base, before, state), alias }
  const children = base.baseChildren(offered).map((child) => ({ ...child, parent: state.id }))
  const rebound = { ...before, ...vectorsOf(state), id: state.id, seq: state.seq }
  return { ...NOTHING, removed: [offered], put: [rebound, ...children], pending: [state], alias }
}

function advanceRegister(base: BaseView, sent: SentOperation, outcome: Outcome): Advance {
  const { operation, onDisk, node } = sent
  if ((operation.kind !== 'edit' && operation.kind !== 'move') || onDisk === null) return NOTHING
  const before = base.base(operation.entry)
  if (before === undefined) return NOTHING
  const asOnDisk: BaseEntry =
    operation.kind === 'edit'
      ? { ...before, content: onDisk.content, stat: onDisk.stat, racy: onDisk.racy }
      : { ...before, ...operation.place, stat: onDisk.stat }
  if (outcome.kind === 'accepted') {
    const vector = withDot(operation.basedOn, node, operation.counter)
    const accepted = { ...asOnDisk, seq: Math.max(before.seq, outcome.seq) }
    const put =
      operation.kind === 'edit' ? { ...accepted, contentVector: vector } : { ...accepted, placeVector: vector }
    return { ...NOTHING, put: [put] }
  }
  if (outcome.kind === 'settled') {
    const isJoined = operation.kind === 'move' && outcome.state.id !== operation.entry
    return isJoined
      ? joinedWith(base, asOnDisk, outcome.state)
      : { ...NOTHING, put: [asOnDisk], pending: [outcome.state] }
  }
  if (outcome.kind === 'conflict') {
    return { ...NOTHING, put: [asOnDisk], pending: [outcome.state, outcome.copy].filter((state) => state.seq > 0) }
  }
  return NOTHING
}

function advanceDelete(base: BaseView, { node }: SentOperation, operation: DeleteOperation, outcome: Outcome): Advance {
  if (outcome.kind !== 'accepted' && outcome.kind !== 'kept') return NOTHING
  const top = base.base(operation.entry)
  if (top === undefined) return outcome.kind === 'kept' ? pendingOnly(outcome.states) : NOTHING
  const gone = [top, ...(operation.subtree ? baseBelow(base, top.id, new Set()) : [])]
  const removed = gone.map((entry) => entry.id)
  if (outcome.kind === 'accepted' && outcome.gone === gone.length) {
    const dot = { node, counter: operation.counter }
    return { ...NOTHING, removed, tombstones: gone.map((entry) => tombstoneOf(entry, dot, outcome.seq)) }
  }
  // Something that was here lives on, wherever it was moved to: until the log says of each that it fell, it is to come back.
  const named = new Set(outcome.kind === 'kept' ? outcome.states.map((state) => state.id) : [])
  const others = gone.filter((entry) => !named.has(entry.id)).map(stateOfBase)
  const pending = [...(outcome.kind === 'kept' ? outcome.states : []), ...others]
  return { ...NOTHING, removed, pending, isIncomplete: true }
}

/** The state of an entry once an event has deleted it, at that position of the log or before. */
function tombstoneOf(
  entry: BaseEntry,
  { node, counter }: { readonly node: NodeId; readonly counter: number },
  seq: number,
): EntryState {
  const { id, parent, name, placeVector, content, contentVector } = entry
  const seen = merge(merge(entry.existenceVector, contentVector), placeVector)
  const existenceVector = withDot(seen, node, counter)
  return { id, seq, parent, name, placeVector, content, contentVector, deleted: true, existenceVector }
}

function vectorsOf(state: EntryState): Pick<EntryState, 'placeVector' | 'contentVector' | 'existenceVector'> {
  return { placeVector: state.placeVector, contentVector: state.contentVector, existenceVector: state.existenceVector }
}

/** Leaves out what the base holds already: its own change log entry will tell of it. */
function unknownTo(base: BaseView, states: readonly EntryState[]): readonly EntryState[] {
  return states.filter((state) => base.base(state.id) === undefined)
}
