import { check, CursorSchema, type Cursor } from '@causeway/protocol'
import type { ReplicaState } from '@causeway/replica'

const PROOF = 'newest-position'

/**
 * The newest position of the log that this node was given, with a commit's
 * answer or as a cursor: it shows a coordinator that was set back that
 * something is lost. Kept on disk.
 */
export function proof(state: ReplicaState): Cursor | undefined {
  const text = state.setting(PROOF)
  return text === undefined ? undefined : check(CursorSchema, JSON.parse(text))
}

export function keepProof(state: ReplicaState, position: Cursor | undefined): void {
  if (position !== undefined && position.seq > 0) state.putSetting(PROOF, JSON.stringify(position))
}

/** What is read again begins at the start: the cursor that is given up for it may be the only proof there is. */
export function keepCursorAsProof(state: ReplicaState): void {
  const cursor = state.cursor()
  if (cursor.seq > (proof(state)?.seq ?? 0)) keepProof(state, cursor)
}
