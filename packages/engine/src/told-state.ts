import type { EntryState, Outcome, Remembered } from '@causeway/protocol'

const REMEMBERED = ['reachedBy', 'modeSetBy', 'bytesVector', 'saves'] satisfies readonly (keyof Remembered)[]

/** A state without what only deciding needs: as nodes are told it, and as history keeps it. */
export function toldState(state: EntryState): EntryState {
  if (!REMEMBERED.some((memory) => Object.hasOwn(state, memory))) return state
  const { reachedBy: _reach, modeSetBy: _set, bytesVector: _bytes, saves: _saves, ...told } = state
  return told
}

/** The same for all states of an outcome. */
export function toldOutcome(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case 'accepted':
      return outcome
    case 'settled':
      return { ...outcome, state: toldState(outcome.state) }
    case 'conflict':
      return { ...outcome, copy: toldState(outcome.copy), state: toldState(outcome.state) }
    case 'kept':
    case 'refused':
      return { ...outcome, states: outcome.states.map(toldState) }
  }
}
