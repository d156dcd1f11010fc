import type { Hash } from '@causeway/protocol'

/** One chunk in the form it is stored in. */
export interface StoredChunk {
  readonly hash: Hash
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
  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]>
  /** Bytes may share memory with those that are read at once for the same reader, and with no others. */
  read(hash: Hash, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array>
  /** Every complete record of every pack, for scrub, recovery and collection. */
  records(): AsyncIterable<{ hash: Hash; size: number; compressed: boolean; location: PackLocation }>
  /** The packs with their sizes. */
  packs(): Promise<readonly { pack: string; bytes: number }[]>
  /** Deletes whole packs; their chunks must have been moved or be garbage. */
  removePacks(packs: readonly string[]): Promise<void>
  close(): Promise<void>
}
