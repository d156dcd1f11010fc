import type { ChunkRef, FolderId, Hash } from '@causeway/protocol'
import { SyncError } from '@causeway/protocol'
import type { CoordinatorLink } from '../ports.ts'

/** Chunks from the coordinator, taken in the order in which they were listed. */
export interface ChunkQueue {
  /** The next chunk of the list, which must be this one. */
  take(chunk: ChunkRef): Promise<Uint8Array>
  /** Starts no further requests. */
  stop(): void
}

export interface FetchAheadOptions {
  readonly folder: FolderId
  readonly link: CoordinatorLink
  readonly requestBytes?: number
  readonly requestsUnderWay?: number
}

const CHUNKS_PER_REQUEST = 1024

/** Fetches a list of chunks, some requests ahead of the one who takes them. Memory is bounded by those requests. */
export function fetchAhead(chunks: readonly ChunkRef[], options: FetchAheadOptions): ChunkQueue {
  const { folder, link, requestBytes = 4 * 1024 * 1024, requestsUnderWay = 4 } = options
  const groups = groupUp(chunks, requestBytes)
  const underWay: Promise<Map<Hash, Uint8Array>>[] = []
  let started = 0
  let current: Map<Hash, Uint8Array> | undefined
  let left = 0

  async function collect(group: readonly ChunkRef[]): Promise<Map<Hash, Uint8Array>> {
    const bytesOf = new Map<Hash, Uint8Array>()
    for await (const { hash, bytes } of link.fetch(
      folder,
      group.map(({ hash }) => hash),
    ))
      bytesOf.set(hash, bytes)
    return bytesOf
  }

  function startMore(): void {
    for (; underWay.length < requestsUnderWay && started < groups.length; started++) {
      const group = collect(groups[started] ?? [])
      // Told of when its turn comes.
      group.catch(() => undefined)
      underWay.push(group)
    }
  }

  let groupIndex = 0
  return {
    async take({ hash, size }) {
      if (left === 0) {
        current = undefined
        startMore()
        current = await underWay.shift()
        left = groups[groupIndex++]?.length ?? 0
        startMore()
      }
      left--
      const bytes = current?.get(hash)
      if (bytes === undefined) throw new SyncError('chunk-missing', `the coordinator did not send chunk ${hash}`)
      if (bytes.length !== size)
        throw new SyncError('manifest-invalid', `chunk ${hash} has ${bytes.length} bytes, not ${size}`)
      return bytes
    },
    stop() {
      started = groups.length
    },
  }
}

function groupUp(chunks: readonly ChunkRef[], requestBytes: number): ChunkRef[][] {
  const groups: ChunkRef[][] = []
  let bytes = Infinity
  for (const chunk of chunks) {
    const last = groups.at(-1)
    if (last === undefined || bytes + chunk.size > requestBytes || last.length >= CHUNKS_PER_REQUEST) {
      groups.push([chunk])
      bytes = chunk.size
    } else {
      last.push(chunk)
      bytes += chunk.size
    }
  }
  return groups
}
