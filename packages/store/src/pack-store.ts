import type { ChunkId } from '@causeway/protocol'

/** One chunk in the form it is stored in. */
export interface StoredChunk {
  readonly hash: ChunkId
  /** Plain bytes. */
  readonly size: number
  /** True if `bytes` is a zstd frame. */
  readonly compressed: boolean
  readonly bytes: Uint8Array
  /** CRC-32 of `bytes`, where the caller has taken it already. */
  readonly checksum?: number
}

/** Where a chunk was put. */
export interface PackLocation {
  readonly pack: string
  readonly offset: number
  readonly storedSize: number
}

/** A record as a pack tells of it. */
export interface PackRecord {
  readonly hash: ChunkId
  readonly size: number
  readonly compressed: boolean
  readonly location: PackLocation
}

/** One who reads records that belong together; compared by identity. */
export type PackReaderToken = object

/**
 * Append-only packs of chunks. The index is elsewhere (`MetadataStore.addChunks`).
 *
 * Contract, held by `packStoreConformance`:
 * - When `append` resolves, the bytes survive kill and power loss. Appends that
 *   run at once may share a sync. A location never changes, and is never given to
 *   another chunk, even after `removePacks` dropped its pack.
 * - A crash in `append` leaves at most garbage at a pack's end: it hurts nothing
 *   and is never handed out.
 * - `read` gives the stored bytes back and throws `chunk-corrupt` where the record
 *   on disk does not carry the hash asked for, `chunk-missing` where the pack is gone.
 * - Bytes are not rehashed here; the caller does.
 */
export interface PackStore {
  /** What a record takes in a pack beside its stored bytes. */
  readonly recordOverheadBytes: number
  /**
   * Several processes append to these packs at once, each to its own; what an open pack holds and the index does not
   * know of is being stored by its owner just now.
   */
  readonly isShared: boolean
  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]>
  /** Bytes may share memory with those that are read at once for the same reader, and with no others. */
  read(hash: ChunkId, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array>
  /** Every complete record of every pack, for recovery; or of some packs alone, of each from an offset on. */
  records(from?: ReadonlyMap<string, number>): AsyncIterable<PackRecord>
  /** The packs with their sizes. */
  packs(): Promise<readonly { pack: string; bytes: number }[]>
  /** Completes a pack whose process is gone with what it made durable, before it is noted as sealed. Returns its size. */
  finish(pack: string): Promise<number>
  /** Deletes whole packs; their chunks must have been moved or be garbage. */
  removePacks(packs: readonly string[]): Promise<void>
  /** Reads and appends no more by what it holds open of these packs, which are gone. */
  letGo(packs: readonly string[]): Promise<void>
  /** The name these packs were given, to tell whose they are; null where they were given none. */
  identity(): Promise<string | null>
  setIdentity(id: string): Promise<void>
  /**
   * True while the packs are where they were opened, however few are left:
   * false where their disk is gone, and a pack that can't be found may be on it.
   */
  isInPlace(): Promise<boolean>
  /** What a disk refuses: to append, since that last failed, and to read of packs that are there. Empty while it refuses nothing. */
  readonly failures: readonly string[]
  close(): Promise<void>
}

/** What of a pack store is needed to copy from it. */
export type PackSource = Pick<PackStore, 'read' | 'records' | 'packs' | 'identity' | 'close'>
