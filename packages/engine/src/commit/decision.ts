import type { EntryId, EntryState, HistoryEvent, NodeId, Outcome, VersionVector } from '@causeway/protocol'
import type { Needs } from './folder-snapshot.ts'

export type ChangedRegister = 'content' | 'place' | 'existence'

/** One accepted state of one entry, and the event that made it. */
export interface NewVersion {
  readonly state: EntryState
  readonly registers: readonly ChangedRegister[]
  readonly node: NodeId
  readonly counter: number
}

/** An event that is still to get its position. */
export interface NewEvent extends Omit<HistoryEvent, 'position'> {
  /** What its node brought with it, in bytes, where it may bring only so much a day: kept, and told to nobody. */
  readonly broughtBytes?: number
}

/** What a decided commit writes; nothing of it is a proposal any more. */
export interface CommitWrites {
  readonly head: number
  readonly clock: VersionVector
  /** Each changed entry once, in its last state, by rising seq. */
  readonly states: readonly EntryState[]
  readonly versions: readonly NewVersion[]
  readonly events: readonly NewEvent[]
  readonly aliases: readonly { readonly alias: EntryId; readonly entry: EntryId }[]
  readonly conflicts: readonly { readonly copy: EntryId; readonly rival: EntryId }[]
  readonly settled: readonly { readonly entry: EntryId; readonly how: string }[]
  /** Why the folder now waits for a person, if this commit pulled the brake. */
  readonly halted: string | null
  /** True if a person let through what the brake would have held: the folder waits no longer. */
  readonly resumed: boolean
}

export type CommitDecision =
  | { readonly kind: 'decided'; readonly outcomes: readonly Outcome[]; readonly writes: CommitWrites }
  | { readonly kind: 'needs'; readonly needs: Needs }
