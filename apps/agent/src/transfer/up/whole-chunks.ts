import type { ChunkRef, ChunkId } from '@causeway/protocol'
import type { ChunkRequest, ChunkSender } from './chunk-sender.ts'
import type { Announcer } from './announcer.ts'

/** A chunk with its bytes. */
export interface SentChunk extends ChunkRef {
  readonly bytes: Uint8Array
  /** True where the coordinator said a moment ago that it lacks the chunk. */
  readonly isLacking?: boolean
  release?(): void
}

/** The chunks of one file that go as they are, each once. */
export interface WholeChunks {
  /** Hands a chunk over and waits for room. Throws what an earlier one failed with. */
  add(chunk: SentChunk): Promise<void>
  /** Resolves once all of them are durable. */
  done(): Promise<void>
}

export function sendWholeChunks(sender: ChunkSender, announcer: Announcer): WholeChunks {
  const offered = new Map<ChunkId, ChunkRequest>()
  const requests = new Set<ChunkRequest>()
  let failure: { error: unknown } | undefined

  function offer(chunk: SentChunk): ChunkRequest {
    const before = offered.get(chunk.hash)
    if (before !== undefined) {
      chunk.release?.()
      return before
    }
    const request = sender.add(chunk, () => chunk.release?.())
    offered.set(chunk.hash, request)
    if (!requests.has(request)) {
      requests.add(request)
      request.settled.catch((error: unknown) => (failure ??= { error }))
    }
    return request
  }

  return {
    async add(chunk) {
      announcer.add({ hash: chunk.hash, size: chunk.size }, offer(chunk).settled)
      await sender.room()
      if (failure !== undefined) throw failure.error
    },
    done: () => sender.done(requests),
  }
}
