import { baseBelow, stateOfBase, type BaseEntry } from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import type { CycleContext } from './cycle-context.ts'

/** Drops an entry and all below it from the base: the next scan finds what is there as new. */
export function forget({ state }: Pick<CycleContext, 'state'>, id: EntryId): void {
  for (const entry of baseBelow(state, id, new Set())) state.removeBase(entry.id)
  state.removeBase(id)
}

/** Forgets that the disk holds an entry and all below it: what the coordinator has of them is pending again. */
export function bringBack({ state }: Pick<CycleContext, 'state'>, base: BaseEntry): void {
  state.transaction(() => {
    for (const entry of [base, ...baseBelow(state, base.id, new Set())]) {
      if (state.pendingOf(entry.id) === undefined) state.putPending(stateOfBase(entry))
      state.removeBase(entry.id)
    }
  })
}
