import type { BaseEntry, DigestedEntry, DigestSums } from '@causeway/engine'
import type { Cursor, EntryId, EntryState, FolderId, ContentHash, NodeId, VersionVector } from '@causeway/protocol'

export type { BaseEntry }

/** Some of what a node believes, by id. */
export interface BeliefPage {
  readonly entries: readonly DigestedEntry[]
  /** The id up to which this tells all; null at the end. */
  readonly next: EntryId | null
}

/**
 * What a node remembers of one folder: base, remote and its own counter. On
 * disk this is SQLite; losing its last writes at a power cut leads to a
 * rescan and repeated offers, never to a delete.
 *
 * Held by `replicaStateConformance`. All calls are synchronous: they sit on
 * the path of every saved file.
 */
export interface ReplicaState {
  readonly folder: FolderId
  readonly node: NodeId

  /** Runs `work` in one transaction. */
  transaction<T>(work: () => T): T

  base(id: EntryId): BaseEntry | undefined
  baseAt(parent: EntryId, name: string): BaseEntry | undefined
  baseChildren(parent: EntryId): readonly BaseEntry[]
  /** Entries whose recorded inode and birth time are these: candidates for a move. */
  baseByInode(device: bigint, inode: bigint, birthtimeNs: bigint): readonly BaseEntry[]
  /** A file of the base with this content hash, to copy from instead of fetching. */
  baseByHash(hash: string): BaseEntry | undefined
  baseCount(): number
  /** All base entries, in no set order. */
  baseAll(): Iterable<BaseEntry>
  putBase(entry: BaseEntry): void
  removeBase(id: EntryId): void

  /** Remote states the disk does not hold yet, by rising seq. */
  pending(limit?: number): readonly EntryState[]
  pendingOf(id: EntryId): EntryState | undefined
  pendingChildren(parent: EntryId): readonly EntryState[]
  pendingCount(): number
  putPending(state: EntryState): void
  removePending(id: EntryId): void

  /**
   * What the node believes the coordinator to hold at the cursor: of an entry
   * of which something is pending that, else what the base says. Tombstones
   * are left out.
   */
  believedAfter(after: string, limit: number): BeliefPage
  /**
   * Sums over all of that, as of this moment. A call counts up to `most`
   * entries (all of them after the first, and after `forgetBeliefs`; else those
   * that changed), and the sums come once none is left.
   */
  countBeliefs(most: number): DigestSums | undefined
  /** Makes the next `countBeliefs` begin anew. */
  forgetBeliefs(): void

  /**
   * A delete this node made or applied: kept so that it can be offered to a
   * coordinator that was set back. Its `seq` is that of a base entry.
   */
  tombstone(id: EntryId): EntryState | undefined
  tombstones(): Iterable<EntryState>
  putTombstone(state: EntryState): void
  removeTombstone(id: EntryId): void

  /** What this node knows of a large content's chunks; kept while an entry of the base holds the content. */
  chunkList(content: ContentHash): Uint8Array | undefined
  putChunkList(content: ContentHash, chunks: Uint8Array): void
  /** The contents whose chunks are known, in no set order. */
  chunkListNames(): Iterable<ContentHash>
  /** Forgets the lists of contents that no entry of the base holds. */
  pruneChunkLists(): void

  cursor(): Cursor
  setCursor(cursor: Cursor): void
  /** All this node has seen. */
  clock(): VersionVector
  setClock(clock: VersionVector): void
  /** Takes the next `count` counters and returns the first. Never hands one out twice. */
  takeCounters(count: number): number
  /** Makes sure that counters up to this one are never handed out (after state was lost). */
  raiseCounter(atLeast: number): void

  /** Small named values: marker nonce, halt, approvals. */
  setting(key: string): string | undefined
  putSetting(key: string, value: string | null): void
}
