import type { FileHandle } from 'node:fs/promises'
import type { ChunkId } from '@causeway/protocol'
import type { PackLocation, PackReaderToken } from '../pack-store.ts'
import { diskError } from './disk-error.ts'
import { gatherReads, type Run } from './gather-reads.ts'
import type { PackFiles } from './pack-files.ts'

const MAX_OPEN_PACKS = 128
const NAMED_FAILURES = 10

/** Reads records of packs on a disk. */
export class PackReader {
  readonly read: (hash: ChunkId, location: PackLocation, reader?: PackReaderToken) => Promise<Uint8Array>
  readonly #files: PackFiles
  /** In the order of last use. */
  readonly #handles = new Map<string, Promise<FileHandle>>()
  /** Packs that the disk refused to give, and why, until it gives something of them. */
  readonly #refused = new Map<string, string>()

  constructor(files: PackFiles) {
    this.#files = files
    this.read = gatherReads((run) => this.#readRun(run))
  }

  get failures(): readonly string[] {
    return [...this.#refused.values()].slice(0, NAMED_FAILURES)
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

  async #readRun({ pack, start, end }: Run): Promise<Buffer> {
    try {
      const bytes = Buffer.allocUnsafeSlow(end - start)
      const handle = await this.#handle(pack)
      const length = await fill(handle, bytes, start)
      this.#refused.delete(pack)
      return bytes.subarray(0, length)
    } catch (error) {
      const refusal = diskError(`read from the pack ${this.#files.pathOf(pack)}`, error)
      if (refusal.code === 'io-error') this.#refused.set(pack, refusal.message)
      throw refusal
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

async function closeQuietly(handle: Promise<FileHandle> | undefined): Promise<void> {
  try {
    await (await handle)?.close()
  } catch {
    // It never opened, or it is closed: either way nothing is held.
  }
}
