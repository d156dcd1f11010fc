import type {
  FolderId,
  ContentHash,
  NodeId,
  Outcome,
  CommitRequest,
  HistoryEvent,
  Patch,
  SmallContent,
} from '@causeway/protocol'
import type { ChunkRow, MetadataStore, VersionRow } from '@causeway/store'
import type { Clock, Random, Timers } from '@causeway/time'
import type { ClaimedContents, TakenPatches } from './claimed-contents.ts'
import type { LogTags } from './log-tags.ts'
import type { Log } from './operational-log.ts'
import type { RecentCommits } from './recent-commits.ts'
import type { Signals } from './signals.ts'

/** A folder, and the node that something came from or goes to. */
export interface Hop {
  readonly folder: FolderId
  readonly node: NodeId
}

/** A node's commit that was answered. */
export interface AnsweredCommit extends Hop {
  readonly request: CommitRequest
  /** What the request took on the wire. */
  readonly wireBytes: number
  readonly claimed: ClaimedContents
  /** The versions it wrote. */
  readonly versions: readonly VersionRow[]
  readonly outcomes: readonly Outcome[]
  readonly tookMs: number
}

/** Hears what the log does, and measures. Nothing waits for it and nothing depends on it. */
export interface LogObserver {
  /** A commit is durable and led a folder's log up to `head`. */
  durable(commit: { readonly folder: FolderId; readonly head: number; readonly author: string }): void
  /** From a commit's being durable to its having been handed to all who follow its folder here. */
  fannedOut(milliseconds: number): void
  committed(commit: AnsweredCommit): void
  /** Events were noted by this process. */
  noted(events: readonly HistoryEvent[]): void
}

/** Whether a chunk list makes its content; `unreadable` where a chunk of it is missing or damaged. */
export type ListProof = 'right' | 'wrong' | 'unreadable'

/** The contents that the log's changes refer to. */
export interface CommitContents {
  /**
   * Makes plain bytes durable and returns the rows to add in the same write as
   * whatever refers to them. Throws `chunk-corrupt` on bytes that are not what
   * they are named, and `disk-full` where there is no room for what is new.
   */
  keep(contents: readonly SmallContent[]): Promise<readonly ChunkRow[]>
  /** Plain bytes, rehashed. Throws `chunk-missing` or `chunk-corrupt` where they are gone for good (`isDamage`). */
  plain(row: ChunkRow): Promise<Uint8Array>
  /** Hashes what a chunk list makes, however long that takes. */
  prove(content: ContentHash, list: Uint8Array): Promise<ListProof>
  /** What the patches of a commit stand for: chunks are durable, the rest is to be written with the commit. */
  take(hop: Hop, patches: readonly Patch[]): Promise<TakenPatches>
}

/** What the log needs of the world. */
export interface LogPorts {
  readonly metadata: MetadataStore
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly signals: Signals
  readonly recent: RecentCommits
  readonly tags: LogTags
  readonly observe: LogObserver
  readonly log: Log
}

/** The clock's time as ISO 8601. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
