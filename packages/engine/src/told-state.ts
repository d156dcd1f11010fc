import type { EntryState, Outcome } from '@causeway/protocol'

/** A state without what only deciding needs: as nodes are told it, and as history keeps it. */
export function toldState(state: EntryState): EntryState {
  if (state.reachedBy === undefined && state.modeSetBy === undefined && state.bytesVector === undefined) return state
  const { reachedBy: _reach, modeSetBy: _set, bytesVector: _bytes, ...told } = state
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
