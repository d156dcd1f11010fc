import type { ChunkRef, Hash, Manifest } from '@causeway/protocol'

/** Where each chunk of a content comes from, decided before the first byte moves. */
export interface DownloadPlan {
  /** What to fetch, in the order of use. */
  readonly fetched: readonly ChunkRef[]
  /** For each chunk of the manifest. */
  readonly sources: readonly ('local' | 'fetch' | 'remember')[]
  /** Chunks to keep in memory after their first use, with the number of later uses. */
  readonly laterUses: ReadonlyMap<Hash, number>
}

/** Repeated chunks are remembered rather than fetched again, as far as this many bytes reach. */
const REMEMBER_BYTES = 16 * 1024 * 1024

export function planDownload(manifest: Manifest, isLocal: (hash: Hash) => boolean): DownloadPlan {
  const laterUses = repeated(manifest, isLocal)
  const seen = new Set<Hash>()
  const fetched: ChunkRef[] = []
  const sources = manifest.map((chunk) => {
    if (isLocal(chunk.hash)) return 'local'
    if (laterUses.has(chunk.hash) && seen.has(chunk.hash)) return 'remember'
    seen.add(chunk.hash)
    fetched.push(chunk)
    return 'fetch'
  })
  return { fetched, sources, laterUses }
}

function repeated(manifest: Manifest, isLocal: (hash: Hash) => boolean): Map<Hash, number> {
  const uses = new Map<Hash, number>()
  for (const { hash } of manifest) uses.set(hash, (uses.get(hash) ?? 0) + 1)
  const later = new Map<Hash, number>()
  let bytes = 0
  for (const { hash, size } of manifest) {
    const count = uses.get(hash) ?? 0
    if (count < 2 || later.has(hash) || isLocal(hash) || bytes + size > REMEMBER_BYTES) continue
    later.set(hash, count - 1)
    bytes += size
  }
  return later
}
