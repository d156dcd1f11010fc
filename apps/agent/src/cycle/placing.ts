import { basePath, identityOf, isInBase, joinPath, sameBytes, type BaseEntry, type Stat } from '@causeway/engine'
import { EntryStateSchema, ROOT_ID, type Content, type EntryState } from '@causeway/protocol'
import { z } from 'zod'
import { contentOnDisk } from './content-on-disk.ts'
import type { CycleContext } from './cycle-context.ts'

const PLACING = 'placing'
const StatesSchema = z.array(EntryStateSchema)

/**
 * Notes what is about to be placed, so that a process killed in the middle
 * knows afterwards whose bytes these are. Without it they would look like a
 * person's edit of the version before, and stand against the one after.
 */
export function notePlacing({ state, memory }: CycleContext, states: readonly EntryState[]): void {
  memory.mayHoldUnknown = true
  state.putSetting(PLACING, JSON.stringify(states))
}

/** The base knows it all. To be called in the transaction that advances the base. */
export function notePlaced({ state, memory }: CycleContext): void {
  state.putSetting(PLACING, null)
  memory.mayHoldUnknown = false
}

/** Looks at what was being placed when a process, or a cycle, ended: what is on the disk goes into the base. */
export async function recoverPlaced(context: CycleContext): Promise<void> {
  const { state, memory } = context
  if (!memory.mayHoldUnknown) return
  const text = state.setting(PLACING)
  const states = text === undefined ? [] : StatesSchema.parse(JSON.parse(text))
  // Directories before what is in them: the log is in that order but for later moves, so a second round takes the rest.
  for (let round = 0; round < 2; round++) for (const placed of states) await recover(context, placed)
  if (text === undefined) memory.mayHoldUnknown = false
  else state.transaction(() => notePlaced(context))
}

async function recover(context: CycleContext, placed: EntryState): Promise<void> {
  const { state, files } = context
  const base = state.base(placed.id)
  if (isInBase(base, placed)) return
  if (placed.deleted) return recoverDelete(context, placed, base)
  const parent = placed.parent === ROOT_ID ? '' : basePath(state, placed.parent)
  if (parent === undefined) return
  const path = joinPath(parent, placed.name)
  const stat = await files.stat(path)
  if (stat === undefined || stat.kind !== placed.content.kind) return
  const occupant = state.baseAt(placed.parent, placed.name)
  if (occupant !== undefined && occupant.id !== placed.id) return
  const content = await contentOnDisk(context, path, stat)
  if (content === undefined) return
  const found = takenFor(base, placed, stat, content)
  if (found === undefined) return
  state.transaction(() => {
    state.putBase(found)
    const pending = state.pendingOf(placed.id)
    if (pending !== undefined && isInBase(found, pending)) state.removePending(placed.id)
  })
}

/** The base entry that the disk speaks for: the placed state's place, and its content if the bytes are these. */
function takenFor(
  base: BaseEntry | undefined,
  placed: EntryState,
  stat: Stat,
  content: Content,
): BaseEntry | undefined {
  const { id, parent, name, placeVector, contentVector, existenceVector } = placed
  const whole = { id, parent, name, placeVector, content, contentVector, existenceVector, stat, racy: false }
  if (sameBytes(content, placed.content)) return whole
  // It was moved, and its new bytes were not there yet.
  const isMovedOnly =
    base !== undefined && identityOf(base.content) === identityOf(content) && base.stat.inode === stat.inode
  return isMovedOnly ? { ...base, parent, name, placeVector, stat } : undefined
}

async function recoverDelete(context: CycleContext, placed: EntryState, base: BaseEntry | undefined): Promise<void> {
  const { state, files } = context
  const path = base === undefined ? undefined : basePath(state, base.id)
  if (base === undefined || path === undefined || (await files.stat(path)) !== undefined) return
  if (state.baseChildren(base.id).length > 0) return
  state.transaction(() => {
    state.removeBase(base.id)
    state.putTombstone(placed)
    const pending = state.pendingOf(placed.id)
    if (pending !== undefined && pending.seq <= placed.seq) state.removePending(placed.id)
  })
}
