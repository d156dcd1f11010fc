import type { ReplicaState } from '@causeway/replica'
import type { CycleContext, HaltChoice } from '../cycle-context.ts'

const APPROVED = 'deletes-approved'
const PUT_BACK = 'deletes-put-back'

/** A person decided what becomes of the deletes that wait. Holds for the next cycle that reaches the coordinator. */
export function liftHalt({ state }: Pick<CycleContext, 'state'>, choice: HaltChoice): void {
  state.transaction(() => {
    state.putSetting(APPROVED, choice === 'let-go' ? '1' : null)
    state.putSetting(PUT_BACK, choice === 'put-back' ? '1' : null)
  })
}

export function wordOf(state: ReplicaState): HaltChoice | null {
  if (state.setting(PUT_BACK) !== undefined) return 'put-back'
  return state.setting(APPROVED) === undefined ? null : 'let-go'
}

/** A person's word holds for what waited then, never for a later accident. */
export function spendWord(state: ReplicaState): void {
  if (state.setting(APPROVED) !== undefined) state.putSetting(APPROVED, null)
  if (state.setting(PUT_BACK) !== undefined) state.putSetting(PUT_BACK, null)
}
