import { LIMITS, type FolderId, type ChunkId, type NamedBytes } from '@causeway/protocol'
import type { CoordinatorLink } from '../../ports.ts'

/**
 * Sends chunks of any number of files in shared requests: asks which are
 * missing, then sends those. A request goes out when it is full, or when
 * somebody waits for it and one more may be under way.
 */
export interface ChunkSender {
  /** Hands over one chunk. Gives the request it will travel in; `release` is called once its bytes are of no use. */
  add(chunk: OfferedChunk, release?: () => void): ChunkRequest
  /** Resolves once there is room for more in memory. */
  room(): Promise<void>
  /** Waits until these requests are done: what they carried is then durable. Throws what they failed with. */
  done(requests: ReadonlySet<ChunkRequest>): Promise<void>
}

export interface OfferedChunk extends NamedBytes {
  /** True where the coordinator said a moment ago that it lacks the chunk: it is not asked again. */
  readonly isLacking?: boolean
}

export interface ChunkRequest {
  readonly settled: Promise<void>
}

export interface ChunkSenderOptions {
  readonly folder: FolderId
  readonly link: CoordinatorLink
  readonly requestBytes?: number
  readonly requestsUnderWay?: number
  /** Bytes given over and not yet durable, beyond which `room` waits. */
  readonly heldBytes?: number
}

interface Batch extends ChunkRequest {
  readonly chunks: Map<ChunkId, OfferedChunk>
  readonly releases: (() => void)[]
  bytes: number
  run(): Promise<void>
}

export function createChunkSender(options: ChunkSenderOptions): ChunkSender {
  const {
    folder,
    link,
    requestBytes = 6 * 1024 * 1024,
    requestsUnderWay = 4,
    heldBytes: limit = 32 * 1024 * 1024,
  } = options
  const full: Batch[] = []
  let open: Batch | undefined
  let wanted = false
  let underWay = 0
  let held = 0
  let waiting: (() => void)[] = []

  async function send(chunks: ReadonlyMap<ChunkId, OfferedChunk>): Promise<void> {
    const unsure = [...chunks.values()].filter(({ isLacking }) => isLacking !== true).map(({ hash }) => hash)
    const missing = new Set(unsure.length === 0 ? [] : await link.missing(folder, unsure))
    const bodies = [...chunks.values()]
      .filter(({ hash, isLacking }) => isLacking === true || missing.has(hash))
      .map(({ hash, bytes }) => ({ hash, bytes }))
    if (bodies.length > 0) await link.upload(folder, bodies)
  }

  function pump(): void {
    while (underWay < requestsUnderWay) {
      const batch = full.shift() ?? (wanted ? takeOpen() : undefined)
      if (batch === undefined) return
      underWay++
      void batch.run().then(() => {
        underWay--
        held -= batch.bytes
        if (held < limit) wake()
        pump()
      })
    }
  }

  function takeOpen(): Batch | undefined {
    const batch = open
    open = undefined
    wanted = false
    return batch
  }

  function wake(): void {
    const woken = waiting
    waiting = []
    for (const resume of woken) resume()
  }

  return {
    add(chunk, release) {
      const batch = (open ??= createBatch(send))
      if (batch.chunks.has(chunk.hash)) {
        release?.()
        return batch
      }
      batch.chunks.set(chunk.hash, chunk)
      if (release !== undefined) batch.releases.push(release)
      batch.bytes += chunk.bytes.length
      held += chunk.bytes.length
      if (batch.bytes >= requestBytes || batch.chunks.size >= LIMITS.chunksPerRequest) {
        full.push(batch)
        takeOpen()
        pump()
      }
      return batch
    },
    async room() {
      while (held >= limit) {
        // Nothing else may fill the open request while everybody waits for room.
        wanted = open !== undefined
        pump()
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    async done(requests) {
      if (open !== undefined && requests.has(open)) wanted = true
      pump()
      await Promise.all([...requests].map((request) => request.settled))
    },
  }
}

function createBatch(send: (chunks: ReadonlyMap<ChunkId, OfferedChunk>) => Promise<void>): Batch {
  const chunks = new Map<ChunkId, OfferedChunk>()
  const releases: (() => void)[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Whoever needs the outcome awaits it; a request whose file was given up meanwhile fails unheard.
  promise.catch(() => undefined)
  return {
    chunks,
    releases,
    bytes: 0,
    settled: promise,
    run: () =>
      send(chunks)
        .then(() => {
          for (const release of releases) release()
          resolve()
        }, reject)
        .finally(() => {
          chunks.clear()
          releases.length = 0
        }),
  }
}
