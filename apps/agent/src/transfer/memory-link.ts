import { hash as hashOf } from 'node:crypto'
import { HashSchema, SyncError, type Hash, type Manifest } from '@causeway/protocol'
import type { CoordinatorLink } from '../ports.ts'

/** A coordinator's chunks in memory, for tests; counts what it was asked to do. */
export interface MemoryLink extends CoordinatorLink {
  readonly chunks: Map<Hash, Uint8Array>
  readonly manifests: Map<Hash, Manifest>
  readonly counts: { uploaded: number; fetched: number }
  /** Called before each call; may throw. */
  before: (call: 'missing' | 'upload' | 'fetch' | 'manifest') => void
}

export function createMemoryLink(): MemoryLink {
  const chunks = new Map<Hash, Uint8Array>()
  const manifests = new Map<Hash, Manifest>()
  const link: MemoryLink = {
    chunks,
    manifests,
    counts: { uploaded: 0, fetched: 0 },
    before: () => undefined,
    commit: () => Promise.reject(new SyncError('internal', 'this link moves bytes only')),
    changes: () => Promise.reject(new SyncError('internal', 'this link moves bytes only')),
    async missing(_folder, hashes) {
      link.before('missing')
      return hashes.filter((hash) => !chunks.has(hash))
    },
    async upload(_folder, bodies) {
      link.before('upload')
      for (const { hash, bytes } of bodies) {
        if (sha256(bytes) !== hash) throw new SyncError('chunk-corrupt', `chunk ${hash} is corrupt`)
        link.counts.uploaded++
        chunks.set(hash, bytes.slice())
      }
    },
    async *fetch(_folder, hashes) {
      for (const hash of hashes) {
        link.before('fetch')
        const bytes = chunks.get(hash)
        if (bytes === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
        link.counts.fetched++
        yield { hash, bytes }
      }
    },
    async manifest(_folder, content) {
      link.before('manifest')
      const manifest = manifests.get(content)
      if (manifest === undefined) throw new SyncError('not-found', `no content ${content}`)
      return manifest
    },
  }
  return link
}

export function sha256(bytes: Uint8Array): Hash {
  return HashSchema.parse(hashOf('sha256', bytes))
}
