import { free } from '@causeway/packing'
import { SyncError, type ChunkRef, type ChunkId } from '@causeway/protocol'
import type { ChunkSource } from '../../ports.ts'

/** Chunks from a source, taken in the order in which they were added. */
export interface ChunkQueue {
  /** Says that this chunk will be taken after those that were added before. */
  add(chunk: ChunkRef): void
  /** Asks for what was added though it fills no request. */
  flush(): void
  /** True while more should be added, so that requests never run dry. */
  readonly hasRoom: boolean
  /** The next chunk, which must be this one. Throws `chunk-missing`, `manifest-invalid`, or what the source threw. */
  take(chunk: ChunkRef): Promise<Uint8Array>
  /** Gives back the memory of the bytes that were taken last, which nobody may use from then on. Others are left alone. */
  used(bytes: Uint8Array): void
  /** Starts no further requests. */
  stop(): void
}

export interface FetchAheadOptions {
  readonly chunks: Pick<ChunkSource, 'fetch'>
  readonly requestBytes?: number
  readonly requestsUnderWay?: number
}

const CHUNKS_PER_REQUEST = 1024

/**
 * Fetches chunks some requests ahead of the one who takes them. A request goes
 * out when it is full, or when somebody waits for what is in it. Memory is
 * bounded by the requests under way and the one that is being taken from.
 */
export function fetchAhead(options: FetchAheadOptions): ChunkQueue {
  const { chunks, requestBytes = 4 * 1024 * 1024, requestsUnderWay = 4 } = options
  const underWay: Request[] = []
  const full: ChunkRef[][] = []
  let open: ChunkRef[] = []
  let openBytes = 0
  let current: Answer = { bytesOf: new Map(), left: 0 }
  let isStopped = false
  let last: Uint8Array | undefined

  function closeOpen(): void {
    if (open.length > 0) full.push(open)
    open = []
    openBytes = 0
  }

  function startMore(): void {
    while (!isStopped && underWay.length < requestsUnderWay) {
      const group = full.shift()
      if (group === undefined) return
      const bytesOf = collect(group)
      // Told of when its turn comes.
      bytesOf.catch(() => undefined)
      underWay.push({ bytesOf, count: group.length })
    }
  }

  async function collect(group: readonly ChunkRef[]): Promise<Answer['bytesOf']> {
    // A chunk that is asked for twice comes twice: each is given away once.
    const bytesOf = new Map<ChunkId, Uint8Array[]>()
    const hashes = group.map(({ hash }) => hash)
    for await (const { hash, bytes } of chunks.fetch(hashes)) {
      const same = bytesOf.get(hash)
      if (same === undefined) bytesOf.set(hash, [bytes])
      else same.push(bytes)
    }
    return bytesOf
  }

  async function nextAnswer(): Promise<Answer> {
    current = { bytesOf: new Map(), left: 0 }
    if (underWay.length === 0 && full.length === 0) closeOpen()
    startMore()
    const request = underWay.shift()
    if (request === undefined) throw new SyncError('internal', 'a chunk was taken that nobody had asked for')
    const bytesOf = await request.bytesOf
    startMore()
    return { bytesOf, left: request.count }
  }

  return {
    add(chunk) {
      if (open.length >= CHUNKS_PER_REQUEST || openBytes + chunk.size > requestBytes) closeOpen()
      open.push(chunk)
      openBytes += chunk.size
      startMore()
    },
    flush() {
      closeOpen()
      startMore()
    },
    get hasRoom() {
      return !isStopped && underWay.length + full.length < requestsUnderWay
    },
    async take({ hash, size }) {
      if (current.left === 0) current = await nextAnswer()
      current.left--
      const bytes = current.bytesOf.get(hash)?.shift()
      if (bytes === undefined) throw new SyncError('chunk-missing', `nobody sent chunk ${hash}`)
      if (bytes.length !== size) {
        throw new SyncError('manifest-invalid', `chunk ${hash} has ${bytes.length} bytes, not ${size}`)
      }
      last = bytes
      return bytes
    },
    used(bytes) {
      if (bytes === last) free(bytes)
      last = undefined
    },
    stop() {
      isStopped = true
    },
  }
}

interface Request {
  readonly bytesOf: Promise<Answer['bytesOf']>
  readonly count: number
}

interface Answer {
  readonly bytesOf: ReadonlyMap<ChunkId, Uint8Array[]>
  left: number
}
