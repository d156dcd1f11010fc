import type { Stat } from '@causeway/engine'
import type { ContentHash } from '@causeway/protocol'
import type { OpenFile, RelativePath } from './files.ts'

export interface StoredBase {
  readonly content: ContentHash
  readonly sizeBytes: number
  /** When it was kept, or last used; milliseconds since 1970. */
  readonly usedAtMs: number
}

/**
 * Copies of contents that files of one folder held, beside the tree and never
 * part of it: to make deltas against once the files have changed. Nothing
 * vouches for their bytes, and losing them costs bytes on the wire only.
 *
 * A disk that refuses throws `io-error` or `disk-full`. Held by
 * `baseStoreConformance`.
 */
export interface BaseStore {
  /** What is kept, in no set order. */
  list(): Promise<readonly StoredBase[]>
  /**
   * Copies the file at a path, under the hash of its content; without taking
   * room where the file system can share bytes. False, and nothing is kept,
   * if the file is not as `expected`, before or after, or the disk is so full
   * that the room is better left to files.
   */
  keep(content: ContentHash, path: RelativePath, expected: Stat): Promise<boolean>
  open(content: ContentHash): Promise<OpenFile | undefined>
  /** Says that it was of use just now. */
  touch(content: ContentHash): Promise<void>
  /** Removes it; no harm if it is not there. */
  remove(content: ContentHash): Promise<void>
  /** Removes what an earlier run left half done. Not to be called while another process keeps bases here. */
  clearDrafts(): Promise<void>
}
