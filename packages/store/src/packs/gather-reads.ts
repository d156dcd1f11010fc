import { SyncError, type ChunkId } from '@causeway/protocol'
import type { PackLocation, PackReaderToken } from '../pack-store.ts'
import { bodyIsSound, decodeHeader, HEADER_BYTES, mayHoldRecord } from './record.ts'

/** A stretch of a pack, and the records in it that are wanted. */
export interface Run {
  readonly pack: string
  readonly start: number
  end: number
  readonly requests: Request[]
}

interface Request {
  readonly hash: ChunkId
  readonly location: PackLocation
  readonly reader: PackReaderToken | undefined
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/** Records closer together than this are read in one piece: the bytes between cost less than another read. */
const GAP_BYTES = 16 * 1024
const RUN_BYTES = 2 * 1024 * 1024

/**
 * Reads records: those asked for in one turn of the event loop and close together share a read. `readRun` gives the bytes
 * of a stretch, fewer where the pack ends before it does; what it throws is thrown for each record of the stretch.
 */
export function gatherReads(
  readRun: (run: Run) => Promise<Buffer>,
): (hash: ChunkId, location: PackLocation, reader?: PackReaderToken) => Promise<Uint8Array> {
  let gathered: Request[] = []

  function readGathered(): void {
    const requests = gathered.sort((a, b) => a.location.offset - b.location.offset)
    gathered = []
    for (const sharing of Map.groupBy(requests, (request) => request.location.pack).values()) {
      for (const together of Map.groupBy(sharing, ({ reader }) => reader).values()) {
        for (const run of runs(together)) void answerRun(run)
      }
    }
  }

  async function answerRun(run: Run): Promise<void> {
    const { start, requests } = run
    try {
      const bytes = await readRun(run)
      for (const request of requests) answer(request, bytes, start, requests.length > 1)
    } catch (error) {
      for (const { reject } of requests) reject(error)
    }
  }

  return (hash, location, reader) => {
    if (!mayHoldRecord(location)) return Promise.reject(corrupt(hash, location, 'no record can be there'))
    return new Promise((resolve, reject) => {
      if (gathered.length === 0) queueMicrotask(readGathered)
      gathered.push({ hash, location, reader, resolve, reject })
    })
  }
}

function runs(requests: readonly Request[]): Run[] {
  const found: Run[] = []
  for (const request of requests) {
    const { pack, offset, storedSize } = request.location
    const end = offset + HEADER_BYTES + storedSize
    const last = found.at(-1)
    if (last && offset <= last.end + GAP_BYTES && end - last.start <= RUN_BYTES) {
      last.requests.push(request)
      last.end = Math.max(last.end, end)
    } else {
      found.push({ pack, start: offset, end, requests: [request] })
    }
  }
  return found
}

function answer(request: Request, bytes: Buffer, start: number, isShared: boolean): void {
  const { hash, location } = request
  const from = location.offset - start
  const record = bytes.subarray(from, from + HEADER_BYTES + location.storedSize)
  const header = decodeHeader(record)
  const body = record.subarray(HEADER_BYTES)
  if (!header) request.reject(corrupt(hash, location, 'there is no sound record'))
  else if (header.hash !== hash) request.reject(corrupt(hash, location, `the record is of ${header.hash}`))
  else if (header.storedSize !== location.storedSize) request.reject(corrupt(hash, location, 'its size is another'))
  else if (!bodyIsSound(header, body)) request.reject(corrupt(hash, location, 'its bytes have changed'))
  // A copy where several share the buffer: who keeps one small chunk must not keep megabytes alive.
  else request.resolve(isShared && request.reader === undefined ? new Uint8Array(body) : body)
}

function corrupt(hash: ChunkId, { pack, offset }: PackLocation, why: string): SyncError {
  return new SyncError('chunk-corrupt', `cannot read chunk ${hash} at ${offset} in the pack ${pack}: ${why}`)
}
