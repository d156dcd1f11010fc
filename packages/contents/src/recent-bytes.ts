import type { ChunkId } from '@causeway/protocol'
import { createByteLimitedMap } from '@causeway/log'

/** The contents used last, up to a number of bytes. */
export interface RecentBytes {
  put(hash: ChunkId, bytes: Uint8Array): void
  get(hash: ChunkId): Uint8Array | undefined
}

/** What a content takes beside its bytes: a million tiny ones must not pass for a few megabytes. */
const ENTRY_BYTES = 400

export function createRecentBytes(limitBytes: number): RecentBytes {
  const kept = createByteLimitedMap<Uint8Array>(limitBytes)
  return {
    // A copy: the bytes may be a window on a buffer many times their size, which would stay alive with them.
    put: (hash, bytes) => kept.set(hash, new Uint8Array(bytes), ENTRY_BYTES + bytes.length),
    get: (hash) => kept.get(hash),
  }
}
