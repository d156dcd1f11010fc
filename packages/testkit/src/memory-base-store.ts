import type { ContentHash } from '@causeway/protocol'
import { isSame, type BaseStore, type Files } from '@causeway/replica'

export interface MemoryBaseStoreOptions {
  readonly files: Files
  /** Milliseconds since 1970. */
  now(): number
}

/** A `BaseStore` in memory over any `Files`. Held by `baseStoreConformance` like the one on disk. */
export function createMemoryBaseStore({ files, now }: MemoryBaseStoreOptions): BaseStore {
  const kept = new Map<ContentHash, { readonly bytes: Uint8Array; usedAtMs: number }>()
  return {
    list: async () =>
      [...kept].map(([content, { bytes, usedAtMs }]) => ({ content, sizeBytes: bytes.length, usedAtMs })),
    async keep(content, path, expected) {
      const file = await files.open(path)
      if (file === undefined) return false
      try {
        if (!isSame(file.stat, expected)) return false
        const bytes = await file.read(0, expected.size)
        if (bytes.length !== expected.size || !(await file.isUnchanged())) return false
        kept.set(content, { bytes: bytes.slice(), usedAtMs: now() })
        return true
      } finally {
        await file.close()
      }
    },
    async open(content) {
      const base = kept.get(content)
      if (base === undefined) return undefined
      const { bytes } = base
      const times = { mtimeNs: 0n, ctimeNs: 0n, birthtimeNs: 0n }
      return {
        stat: { kind: 'file', size: bytes.length, mode: 0o600, ...times, inode: 0n, device: 0n },
        read: async (offset, length) => bytes.slice(offset, offset + length),
        async readInto(buffer, offset) {
          const piece = bytes.subarray(offset, offset + buffer.length)
          buffer.set(piece)
          return piece.length
        },
        dataFrom: (offset) => offset,
        isUnchanged: async () => kept.get(content) === base,
        close: async () => undefined,
      }
    },
    async touch(content) {
      const base = kept.get(content)
      if (base !== undefined) base.usedAtMs = now()
    },
    remove: async (content) => void kept.delete(content),
    clearDrafts: async () => undefined,
  }
}
