import { isSyncError, SyncError } from '@causeway/protocol'
import type { FileHandle } from 'node:fs/promises'
import type { PackLocation, StoredChunk } from '../pack-store.ts'
import { Mutex } from '../mutex.ts'
import { diskError } from './disk-error.ts'
import type { PackFiles } from './pack-files.ts'
import type { PackRegistry } from './pack-registry.ts'
import { encodeHeader, HEADER_BYTES, MAX_STORED_BYTES } from './record.ts'

interface Waiting {
  readonly chunks: readonly StoredChunk[]
  readonly resolve: (locations: PackLocation[]) => void
  readonly reject: (error: unknown) => void
}

interface OpenPack {
  readonly pack: string
  readonly handle: FileHandle
  /** Where the next record goes: all before it is on the disk. */
  end: number
}

/** One sync serves at most about this many bytes, so that the first of a long line need not wait for the last. */
const GROUP_BYTES = 16 * 1024 * 1024
/** Between a failure of the disk and the next try; twice as long after each failure that follows. */
const FIRST_WAIT_MS = 500
const MOST_WAIT_MS = 60_000

/**
 * Writes records behind one another; appends that wait at once share a sync.
 *
 * A failed write is cut off again. A pack whose sync failed, or that can't be
 * cut, is never written to again: after a failed sync nobody knows what the
 * disk holds. Where nothing was acknowledged in it, it is removed. A disk that
 * keeps failing is asked ever more seldom.
 */
export class PackAppender {
  readonly #files: PackFiles
  readonly #maxPackBytes: number
  readonly #now: () => number
  readonly #registry: PackRegistry
  readonly #waiting: Waiting[] = []
  /** Held while the current pack is written to or replaced. */
  readonly #turns = new Mutex()
  /** The highest name ever seen: the next pack is named after it. */
  #last: string | undefined
  #current: OpenPack | undefined
  #draining: Promise<void> | undefined
  #closed = false
  /** The last failure of a disk, since which nothing could be stored. */
  #failed: { readonly error: SyncError; readonly waitMs: number; readonly untilMs: number } | undefined

  constructor(
    files: PackFiles,
    options: {
      readonly maxPackBytes: number
      readonly last: string | undefined
      readonly current: OpenPack | undefined
      readonly now: () => number
      readonly registry: PackRegistry
    },
  ) {
    this.#files = files
    this.#maxPackBytes = options.maxPackBytes
    this.#now = options.now
    this.#registry = options.registry
    this.#last = options.last
    this.#current = options.current
  }

  get failure(): string | undefined {
    return this.#failed?.error.message
  }

  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    if (this.#closed) return Promise.reject(new SyncError('internal', 'the pack store was used after it was closed'))
    const unfit = chunks.find((chunk) => chunk.bytes.length > MAX_STORED_BYTES)
    if (unfit) {
      const message = `cannot store chunk ${unfit.hash}: ${unfit.bytes.length} bytes are over the limit of ${MAX_STORED_BYTES}`
      return Promise.reject(new SyncError('too-large', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ chunks, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  /** Ends the pack that is written to if it is among these, so that it can be removed. */
  seal(packs: ReadonlySet<string>): Promise<void> {
    return this.#turns.run(async () => {
      // The next pack takes the next name before this one goes: a name is never used twice.
      if (this.#last !== undefined && packs.has(this.#last)) await this.#roll()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
    await this.#current?.handle.close()
    this.#current = undefined
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        const locations = await this.#turns.run(() => this.#writeUnlessFailing(group.flatMap(({ chunks }) => chunks)))
        let from = 0
        for (const { chunks, resolve } of group) resolve(locations.slice(from, (from += chunks.length)))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#draining = undefined
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { chunks } of this.#waiting) {
      if (bytes >= GROUP_BYTES) break
      bytes += chunks.reduce((sum, chunk) => sum + recordBytes(chunk), 0)
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #writeUnlessFailing(chunks: readonly StoredChunk[]): Promise<PackLocation[]> {
    const before = this.#failed
    if (before !== undefined && this.#now() < before.untilMs) {
      const { code, message } = before.error
      throw new SyncError(code, `${message}; that was a moment ago, and the disk is tried again before long`, {
        cause: before.error,
      })
    }
    try {
      const locations = await this.#write(chunks)
      this.#failed = undefined
      return locations
    } catch (error) {
      if (isSyncError(error, 'io-error')) {
        const waitMs = Math.min(MOST_WAIT_MS, before === undefined ? FIRST_WAIT_MS : before.waitMs * 2)
        this.#failed = { error, waitMs, untilMs: this.#now() + waitMs }
      }
      throw error
    }
  }

  async #write(chunks: readonly StoredChunk[]): Promise<PackLocation[]> {
    const locations: PackLocation[] = []
    while (locations.length < chunks.length) {
      const pack = await this.#packWithRoom(chunks[locations.length])
      const fitting = this.#fitting(pack, chunks, locations.length)
      const start = pack.end
      await this.#writeDurably(pack, fitting)
      if (await isUnlinked(pack)) {
        // Somebody removed it under our hands: what went into it would end with this process.
        await this.#abandon(pack)
        continue
      }
      let offset = start
      for (const chunk of fitting) {
        locations.push({ pack: pack.pack, offset, storedSize: chunk.bytes.length })
        offset += recordBytes(chunk)
      }
    }
    return locations
  }

  async #packWithRoom(chunk: StoredChunk | undefined): Promise<OpenPack> {
    const needed = chunk ? recordBytes(chunk) : 0
    const current = this.#current
    if (current && (current.end === 0 || current.end + needed <= this.#maxPackBytes)) return current
    return this.#roll()
  }

  #fitting(pack: OpenPack, chunks: readonly StoredChunk[], from: number): StoredChunk[] {
    let end = pack.end
    let to = from
    for (const chunk of chunks.slice(from)) {
      if (to > from && end + recordBytes(chunk) > this.#maxPackBytes) break
      end += recordBytes(chunk)
      to += 1
    }
    return chunks.slice(from, to)
  }

  async #roll(): Promise<OpenPack> {
    const full = this.#current
    await full?.handle.close()
    this.#current = undefined
    if (full !== undefined) await this.#registry.seal(full.pack, full.end)
    for (;;) {
      const begun = await this.#create()
      if (await this.#registry.open(begun.pack)) return (this.#current = begun)
      await begun.handle.close()
    }
  }

  async #create(): Promise<OpenPack> {
    try {
      const { pack, handle } = await this.#files.create(this.#last)
      this.#last = pack
      return { pack, handle, end: 0 }
    } catch (error) {
      throw diskError('begin a new pack', error)
    }
  }

  async #writeDurably(pack: OpenPack, chunks: readonly StoredChunk[]): Promise<void> {
    const pieces = chunks.flatMap((chunk) => [encodeHeader(chunk), chunk.bytes])
    const length = chunks.reduce((sum, chunk) => sum + recordBytes(chunk), 0)
    const attempt = `store ${chunks.length} chunks in the pack ${this.#files.pathOf(pack.pack)}`
    try {
      await writeAll(pack.handle, pieces, pack.end)
    } catch (error) {
      if (!(await cutOff(pack))) await this.#abandon(pack)
      throw diskError(attempt, error)
    }
    try {
      await pack.handle.datasync()
    } catch (error) {
      await cutOff(pack)
      await this.#abandon(pack)
      if (pack.end === 0) await this.#files.remove([pack.pack]).catch(() => undefined)
      throw diskError(attempt, error)
    }
    pack.end += length
  }

  async #abandon(pack: OpenPack): Promise<void> {
    this.#current = undefined
    await pack.handle.close().catch(() => undefined)
    // Where that can't be noted, it is sealed once this process is gone.
    await this.#registry.seal(pack.pack, pack.end).catch(() => undefined)
  }
}

/** Writes the pieces behind one another, without copying them together; what one call leaves, the next takes up. */
async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let left = pieces
  let at = position
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at)
    at += bytesWritten
    left = behind(left, bytesWritten)
  }
}

function behind(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written
  const whole = pieces.findIndex((piece) => {
    if (skip < piece.length) return true
    skip -= piece.length
    return false
  })
  if (whole === -1) return []
  return pieces.slice(whole).map((piece, index) => (index === 0 ? piece.subarray(skip) : piece))
}

async function isUnlinked({ handle }: OpenPack): Promise<boolean> {
  return (await handle.stat()).nlink === 0
}

/** What stays if this fails is garbage at a pack's end, which every reader passes over. */
async function cutOff(pack: OpenPack): Promise<boolean> {
  try {
    await pack.handle.truncate(pack.end)
    return true
  } catch {
    return false
  }
}

function recordBytes(chunk: StoredChunk): number {
  return HEADER_BYTES + chunk.bytes.length
}
