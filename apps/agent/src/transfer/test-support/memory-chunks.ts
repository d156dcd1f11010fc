import type { ChunkId, NamedBytes } from '@causeway/protocol'
import type { ChunkSource } from '../../ports.ts'

/** Chunks in memory; it counts what it was asked for, and can be made to break off. */
export interface MemoryChunks extends ChunkSource {
  readonly chunks: Map<ChunkId, Uint8Array>
  /** Every request, in order. */
  readonly asked: (readonly ChunkId[])[]
  /** Called before each chunk is given; may throw. */
  beforeEach: (hash: ChunkId) => void
  /** Says that it has these as well, though it does not. */
  readonly claimed: Set<ChunkId>
}

export function createMemoryChunks(cost: number, given: readonly NamedBytes[] = []): MemoryChunks {
  const source: MemoryChunks = {
    cost,
    chunks: new Map(given.map(({ hash, bytes }) => [hash, bytes])),
    asked: [],
    claimed: new Set(),
    beforeEach: () => undefined,
    has: async (hashes) => new Set(hashes.filter((hash) => source.chunks.has(hash) || source.claimed.has(hash))),
    async *fetch(hashes) {
      source.asked.push([...hashes])
      for (const hash of hashes) {
        source.beforeEach(hash)
        const bytes = source.chunks.get(hash)
        if (bytes !== undefined) yield { hash, bytes: bytes.slice() }
      }
    },
  }
  return source
}
