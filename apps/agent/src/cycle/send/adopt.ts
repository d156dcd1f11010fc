import {
  dotOfEntry,
  isWhereCreated,
  sameBytes,
  sameBytesAndMode,
  sameContent,
  vectorsEqual,
  type BaseEntry,
  type LocalCreate,
  type Stat,
} from '@causeway/engine'
import type { Content, EntryId, EntryState } from '@causeway/protocol'
import type { CycleContext } from '../cycle-context.ts'

/** What the log says stands at a place, and this disk has not got there. */
export function awaitedAt(
  { state }: Pick<CycleContext, 'state'>,
  parent: EntryId,
  name: string,
): EntryState | undefined {
  return state.pendingChildren(parent).find((pending) => pending.name === name && !pending.deleted)
}

/** Such a state of which the base knows nothing, wherever. */
export function twinAt(context: Pick<CycleContext, 'state'>, parent: EntryId, name: string): EntryState | undefined {
  const twin = awaitedAt(context, parent, name)
  return twin === undefined || context.state.base(twin.id) !== undefined ? undefined : twin
}

/**
 * If the coordinator holds the same thing at this place already, the two only
 * have to be known as one. Returns its id; `undefined` if there is no such thing.
 */
export function adopt(
  context: Pick<CycleContext, 'state' | 'node'>,
  change: LocalCreate,
  parent: EntryId,
  onDisk: { readonly content: Content; readonly stat: Stat; readonly racy: boolean },
): EntryId | undefined {
  const { state } = context
  const twin = twinAt(context, parent, change.name)
  if (twin === undefined || !sameBytes(twin.content, onDisk.content)) {
    return adoptOwnCopy(context, { change, parent }, onDisk)
  }
  // Which of two modes holds is for the coordinator to say.
  if (modeOf(twin.content) !== modeOf(onDisk.content)) return undefined
  // What was moved there is another directory than one that was made there: the coordinator lets the two stand apart.
  if (twin.content.kind === 'directory' && !isWhereCreated(twin)) {
    return adoptOwnCopy(context, { change, parent }, onDisk)
  }
  // Until the answer tells that what stood here is gone, two entries of the base would share a place.
  if (state.baseAt(parent, change.name) !== undefined) return undefined
  state.transaction(() => {
    state.putBase({ ...baseFrom(twin), ...onDisk })
    if (sameContent(onDisk, twin)) state.removePending(twin.id)
  })
  return twin.id
}

/** It lies where its rival is to be: its own name, and the rival, are pending. */
function adoptOwnCopy(
  context: Pick<CycleContext, 'state' | 'node'>,
  { change, parent }: { readonly change: LocalCreate; readonly parent: EntryId },
  onDisk: { readonly content: Content; readonly stat: Stat; readonly racy: boolean },
): EntryId | undefined {
  const { state } = context
  const rival = awaitedAt(context, parent, change.name)
  const copy = rival === undefined ? undefined : ownCopyOf(context, rival.id, onDisk.content)
  if (copy === undefined || state.baseAt(parent, change.name) !== undefined) return undefined
  state.putBase({ ...baseFrom(copy), parent, name: change.name, ...onDisk })
  return copy.id
}

/**
 * The conflict copy that this node's own save became in a commit of which it
 * never got the answer: the log tells of it, under an id that is this node's.
 */
export function ownCopyOf(
  { state, node }: Pick<CycleContext, 'state' | 'node'>,
  rival: EntryId,
  content: Content,
): EntryState | undefined {
  return state
    .pending()
    .find(
      (pending) =>
        pending.conflictOf === rival &&
        !pending.deleted &&
        dotOfEntry(pending.id)?.node === node &&
        state.base(pending.id) === undefined &&
        sameBytes(pending.content, content),
    )
}

function modeOf(content: Content): number | undefined {
  return content.kind === 'symlink' ? undefined : content.mode
}

function baseFrom(state: EntryState): Omit<BaseEntry, 'stat' | 'racy'> {
  const { id, seq, parent, name, placeVector, content, contentVector, existenceVector } = state
  return { id, seq, parent, name, placeVector, content, contentVector, existenceVector }
}

/**
 * Another node had saved the very bytes that this disk held when they were
 * edited here: that was seen, whoever put them there. Returns the base that
 * the edit is made on. Without this, it would be a rival to that save.
 */
export function seenOnDisk({ state }: Pick<CycleContext, 'state'>, base: BaseEntry): BaseEntry {
  const told = state.pendingOf(base.id)
  if (told === undefined || told.deleted || !sameBytesAndMode(told.content, base.content)) return base
  const isInPlace = vectorsEqual(told.placeVector, base.placeVector)
  if (!isInPlace || !vectorsEqual(told.existenceVector, base.existenceVector)) return base
  const seen = { ...base, contentVector: told.contentVector, seq: told.seq }
  state.transaction(() => {
    state.putBase(seen)
    state.removePending(base.id)
  })
  return seen
}
