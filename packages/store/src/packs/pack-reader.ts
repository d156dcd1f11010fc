import { SyncError, type Hash } from '@causeway/protocol'
import type { FileHandle } from 'node:fs/promises'
import type { PackLocation, PackReaderToken } from '../pack-store.ts'
import { diskError } from './disk-error.ts'
import type { PackFiles } from './pack-files.ts'
import { bodyIsSound, decodeHeader, HEADER_BYTES, mayHoldRecord } from './record.ts'

interface Request {
  readonly hash: Hash
  readonly location: PackLocation
  readonly reader: PackReaderToken | undefined
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/** Records closer together than this are read in one piece: the bytes between cost less than another read. */
const GAP_BYTES = 16 * 1024
const RUN_BYTES = 2 * 1024 * 1024
const MAX_OPEN_PACKS = 128
const NAMED_FAILURES = 10

/** Reads records; those asked for in one turn of the event loop and lying close together share a read. */
export class PackReader {
  readonly #files: PackFiles
  /** In the order of last use. */
  readonly #handles = new Map<string, Promise<FileHandle>>()
  /** Packs that the disk refused to give, and why, until it gives something of them. */
  readonly #refused = new Map<string, string>()
  #gathered: Request[] = []

  constructor(files: PackFiles) {
    this.#files = files
  }

  get failures(): readonly string[] {
    return [...this.#refused.values()].slice(0, NAMED_FAILURES)
  }

  read(hash: Hash, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array> {
    if (!mayHoldRecord(location)) return Promise.reject(corrupt(hash, location, 'no record can be there'))
    return new Promise((resolve, reject) => {
      if (this.#gathered.length === 0) queueMicrotask(() => this.#readGathered())
      this.#gathered.push({ hash, location, reader, resolve, reject })
    })
  }

  /** Lets go of packs, when the reads under way are done. */
  async release(packs: Iterable<string>): Promise<void> {
    for (const pack of packs) {
      const handle = this.#handles.get(pack)
      this.#handles.delete(pack)
      this.#refused.delete(pack)
      await closeQuietly(handle)
    }
  }

  close(): Promise<void> {
    return this.release([...this.#handles.keys()])
  }

  #readGathered(): void {
    const requests = this.#gathered.sort((a, b) => a.location.offset - b.location.offset)
    this.#gathered = []
    for (const sharing of Map.groupBy(requests, (request) => request.location.pack).values()) {
      for (const together of Map.groupBy(sharing, ({ reader }) => reader).values()) {
        for (const run of runs(together)) void this.#readRun(run)
      }
    }
  }

  async #readRun(run: Run): Promise<void> {
    const { pack, start, end, requests } = run
    try {
      const bytes = Buffer.allocUnsafeSlow(end - start)
      const handle = await this.#handle(pack)
      const length = await fill(handle, bytes, start)
      this.#refused.delete(pack)
      for (const request of requests) answer(request, bytes.subarray(0, length), start, requests.length > 1)
    } catch (error) {
      const refusal = diskError(`read from the pack ${this.#files.pathOf(pack)}`, error)
      if (refusal.code === 'io-error') this.#refused.set(pack, refusal.message)
      for (const { reject } of requests) reject(refusal)
    }
  }

  #handle(pack: string): Promise<FileHandle> {
    const known = this.#handles.get(pack)
    this.#handles.delete(pack)
    const handle = known ?? this.#files.openToRead(pack)
    this.#handles.set(pack, handle)
    if (!known) handle.catch(() => this.#handles.delete(pack))
    const oldest = this.#handles.keys().next()
    if (this.#handles.size > MAX_OPEN_PACKS && !oldest.done) void this.release([oldest.value])
    return handle
  }
}

interface Run {
  readonly pack: string
  readonly start: number
  end: number
  readonly requests: Request[]
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

/** Reads until the buffer is full or the file ends, and says how many bytes came. */
export async function fill(handle: FileHandle, bytes: Buffer, start: number): Promise<number> {
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}

function corrupt(hash: Hash, { pack, offset }: PackLocation, why: string): SyncError {
  return new SyncError('chunk-corrupt', `cannot read chunk ${hash} at ${offset} in the pack ${pack}: ${why}`)
}

async function closeQuietly(handle: Promise<FileHandle> | undefined): Promise<void> {
  try {
    await (await handle)?.close()
  } catch {
    // It never opened, or it is closed: either way nothing is held.
  }
}
