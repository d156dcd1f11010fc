import type { Delta, ChunkId, ContentHash } from '@causeway/protocol'
import { createByteLimitedMap } from '@causeway/log'

/**
 * Deltas that came up or were made for somebody: whoever asks for the same
 * chunks against the same base gets them for nothing.
 */
export interface RecentDeltas {
  remember(delta: Delta): void
  /** A delta against that content whose first chunk is the one named. */
  find(base: ContentHash, firstChunk: ChunkId): Delta | undefined
}

const KEPT_BYTES = 32 * 1024 * 1024
/** What a delta takes beside its bytes: two buffers of its own, and the names. */
const DELTA_BYTES = 800

export function createRecentDeltas(): RecentDeltas {
  const kept = createByteLimitedMap<Delta>(KEPT_BYTES)
  return {
    remember(delta) {
      const { chunks, bytes } = delta
      const firstChunk = Buffer.from(chunks.buffer, chunks.byteOffset, HASH_BYTES).toString('hex')
      // Copies: both may be windows on a buffer many times their size, which would stay alive with them.
      const own = { ...delta, chunks: new Uint8Array(chunks), bytes: new Uint8Array(bytes) }
      kept.set(`${delta.base.content} ${firstChunk}`, own, DELTA_BYTES + chunks.length + bytes.length)
    },
    find: (base, firstChunk) => kept.get(`${base} ${firstChunk}`),
  }
}

const HASH_BYTES = 32
