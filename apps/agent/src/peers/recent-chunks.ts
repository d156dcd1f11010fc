import type { FolderId, ChunkId, NamedBytes } from '@causeway/protocol'

/** Chunks that came a moment ago, for others who want them before they are written; a bounded number of bytes. */
export interface RecentChunks {
  /** Keeps a copy. What came longest ago makes room. */
  put(folder: FolderId, chunk: NamedBytes): void
  has(folder: FolderId, hash: ChunkId): boolean
  get(folder: FolderId, hash: ChunkId): Uint8Array | undefined
}

const MOST_BYTES = 32 * 1024 * 1024

export function createRecentChunks(mostBytes: number = MOST_BYTES): RecentChunks {
  const kept = new Map<string, Uint8Array>()
  let bytesKept = 0

  return {
    put(folder, { hash, bytes }) {
      const key = `${folder} ${hash}`
      if (kept.has(key)) return
      kept.set(key, Uint8Array.from(bytes))
      bytesKept += bytes.length
      for (const [oldest, its] of kept) {
        if (bytesKept <= mostBytes) return
        kept.delete(oldest)
        bytesKept -= its.length
      }
    },
    has: (folder, hash) => kept.has(`${folder} ${hash}`),
    get: (folder, hash) => kept.get(`${folder} ${hash}`),
  }
}
