import { isInBase } from '@causeway/engine'
import { EntryStateSchema, type EntryState } from '@causeway/protocol'
import { recover, type Stat } from '@causeway/replica'
import { z } from 'zod'
import { contentOnDisk } from '../content-on-disk.ts'
import type { CycleContext } from '../cycle-context.ts'

const PLACING = 'placing'
const StatesSchema = z.array(EntryStateSchema)

/**
 * Notes what is about to be placed, so that a process killed in the middle
 * knows afterwards whose bytes these are. Without it they would look like a
 * person's edit of the version before, and stand against the one after.
 */
export function notePlacing({ state, memory }: CycleContext, states: readonly EntryState[]): void {
  memory.apply.mayHoldUnknown = true
  state.putSetting(PLACING, JSON.stringify(states))
}

/** The base knows it all. To be called in the transaction that advances the base. */
export function notePlaced({ state, memory }: CycleContext): void {
  state.putSetting(PLACING, null)
  memory.apply.mayHoldUnknown = false
}

/** Looks at what was being placed when a process, or a cycle, ended: what is on the disk goes into the base. */
export async function recoverPlaced(context: CycleContext, signal: AbortSignal): Promise<void> {
  const { state, files, memory } = context
  if (!memory.apply.mayHoldUnknown) return
  const text = state.setting(PLACING)
  const states = text === undefined ? [] : StatesSchema.parse(JSON.parse(text))
  const contentOf = (path: string, stat: Stat) => contentOnDisk(context, path, stat)
  const { base, strays } = await recover({ files, base: state, states, contentOf, signal })
  state.transaction(() => {
    for (const [id, found] of base) {
      if (found === null) state.removeBase(id)
      else state.putBase(found)
    }
    for (const placed of states) forgetIfPlaced(context, placed)
    for (const stray of strays) if (state.pendingOf(stray.id) === undefined) state.putPending(stray)
    notePlaced(context)
  })
}

function forgetIfPlaced({ state }: CycleContext, placed: EntryState): void {
  const pending = state.pendingOf(placed.id)
  const base = state.base(placed.id)
  if (placed.deleted && base === undefined) {
    state.putTombstone(placed)
    if (pending !== undefined && pending.seq <= placed.seq) state.removePending(placed.id)
  } else if (pending !== undefined && isInBase(base, pending)) state.removePending(placed.id)
}
