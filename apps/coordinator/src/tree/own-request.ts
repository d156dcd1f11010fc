import { identityOf } from '@causeway/engine'
import {
  SyncError,
  type CommitRequest,
  type Content,
  type EntryState,
  type ErrorCode,
  type Operation,
  type Place,
} from '@causeway/protocol'
import type { FolderRow } from '@causeway/store'
import { OWN_COUNTER_STEP, type OwnCommit } from '@causeway/log'

// What the coordinator itself asks of a folder: each operation is based on the entry as it stands.

/** A request for some operations; it needs nobody's leave. */
export function ownRequest(
  { clock }: Pick<FolderRow, 'clock'>,
  operations: readonly Operation[],
  manifests: CommitRequest['manifests'] = [],
): CommitRequest {
  return { clock, operations: [...operations], contents: [], manifests, approved: true }
}

/** The same operations with the coordinator's counters from `counter` on. */
export function numbered(operations: readonly Operation[], counter: number): Operation[] {
  return operations.map((operation, index) => ({ ...operation, counter: counter + index * OWN_COUNTER_STEP }))
}

/** Gives an entry a content. */
export function editing(current: EntryState, content: Content, counter = 1): Operation {
  const { id: entry, contentVector: basedOn } = current
  return { kind: 'edit', counter, entry, basedOn, basedOnHash: identityOf(current.content), content }
}

export function moving({ id: entry, placeVector: basedOn }: EntryState, place: Place, counter = 1): Operation {
  return { kind: 'move', counter, entry, basedOn, place }
}

/** Deletes an entry; with `subtree`, also what is in it. */
export function deleting(
  { id: entry, contentVector: seenContent, placeVector: seenPlace }: EntryState,
  subtree: boolean,
  counter = 1,
): Operation {
  return { kind: 'delete', counter, entry, seenContent, seenPlace, subtree }
}

/** Deletes an entry as it stands, a directory with all that is in it. */
export function removing(state: EntryState, counter = 1): Operation {
  return deleting(state, state.content.kind === 'directory', counter)
}

/** Throws where something of a commit was refused: `over-quota`, or else `code`. `attempt` says what can't be done. */
export function refuseRefused(
  { outcomes }: Pick<OwnCommit, 'outcomes'>,
  attempt: string,
  code: ErrorCode = 'bad-request',
): void {
  const refused = outcomes.find((outcome) => outcome.kind === 'refused')
  if (refused === undefined) return
  throw new SyncError(refused.refusal === 'over-quota' ? 'over-quota' : code, `${attempt}: ${refused.detail}`)
}

/** How many entries a commit changed, with what lies below them. Throws `bad-request` where something of it was refused. */
export function entriesOf(commit: OwnCommit): number {
  refuseRefused(commit, "it can't be done")
  return commit.events.reduce((sum, { entries }) => sum + entries, 0)
}
