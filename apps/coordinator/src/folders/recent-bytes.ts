import type { Hash } from '@causeway/protocol'

/** The contents used last, up to a number of bytes. */
export interface RecentBytes {
  put(hash: Hash, bytes: Uint8Array): void
  get(hash: Hash): Uint8Array | undefined
}

export function createRecentBytes(limitBytes: number): RecentBytes {
  // A map keeps its keys in the order of insertion: the first is the one unused for longest.
  const kept = new Map<Hash, Uint8Array>()
  let total = 0

  function drop(hash: Hash): void {
    total -= kept.get(hash)?.length ?? 0
    kept.delete(hash)
  }

  return {
    put(hash, bytes) {
      drop(hash)
      // A copy: the bytes may be a window on a whole request's buffer, which would stay alive with them.
      kept.set(hash, bytes.slice())
      total += bytes.length
      for (const oldest of kept.keys()) {
        if (total <= limitBytes) break
        drop(oldest)
      }
    },
    get(hash) {
      const bytes = kept.get(hash)
      if (bytes === undefined) return undefined
      kept.delete(hash)
      kept.set(hash, bytes)
      return bytes
    },
  }
}
