import { isSyncError, SyncError, type Hash } from '@causeway/protocol'
import { mkdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { holdLock, type Lock } from '../hold-lock.ts'
import type { PackLocation, PackReaderToken, PackStore, StoredChunk } from '../pack-store.ts'
import { diskError } from './disk-error.ts'
import { PackAppender } from './pack-appender.ts'
import { PackFiles } from './pack-files.ts'
import { PackReader } from './pack-reader.ts'
import { HEADER_BYTES } from './record.ts'
import { cleanEnd, scanPack } from './scan-pack.ts'

export interface PackDirectoryOptions {
  /** Made where it is missing. */
  readonly path: string
  /** A pack grows to about this size; only a single chunk that is larger makes a larger one. */
  readonly maxPackBytes?: number
}

const DEFAULT_PACK_BYTES = 64 * 1024 * 1024

/**
 * Opens a directory of packs, for this process alone: `state-locked` where
 * another has it open.
 *
 * What a crash left behind the last complete record stays where it is and is
 * passed over; new records then go to a new pack, so nothing that was ever
 * acknowledged is cut off by mistake.
 */
export async function openPackDirectory(options: PackDirectoryOptions): Promise<PackStore> {
  const { path, maxPackBytes = DEFAULT_PACK_BYTES } = options
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw diskError(`make the pack directory ${path}`, error)
  }
  const lock = holdLock(join(path, 'lock'))
  try {
    const files = new PackFiles(path)
    await files.syncDirectory()
    const last = (await files.list()).at(-1)
    const current = await openUnlessTorn(files, last, maxPackBytes)
    return new PackDirectory(files, lock, new PackAppender(files, { maxPackBytes, last, current }))
  } catch (error) {
    lock.release()
    throw diskError(`open the pack directory ${path}`, error)
  }
}

class PackDirectory implements PackStore {
  readonly recordOverheadBytes = HEADER_BYTES
  readonly #files: PackFiles
  readonly #lock: Lock
  readonly #appender: PackAppender
  readonly #reader: PackReader
  #closed = false

  constructor(files: PackFiles, lock: Lock, appender: PackAppender) {
    this.#files = files
    this.#lock = lock
    this.#appender = appender
    this.#reader = new PackReader(files)
  }

  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    return this.#appender.append(chunks)
  }

  async read(hash: Hash, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array> {
    if (this.#closed) throw new SyncError('internal', 'the pack store was used after it was closed')
    return this.#reader.read(hash, location, reader)
  }

  async *records(): AsyncGenerator<{ hash: Hash; size: number; compressed: boolean; location: PackLocation }> {
    for (const pack of await this.#files.list()) {
      const handle = await this.#openUnlessGone(pack)
      if (!handle) continue
      try {
        for await (const { header, offset } of scanPack(handle)) {
          const { hash, size, compressed, storedSize } = header
          yield { hash, size, compressed, location: { pack, offset, storedSize } }
        }
      } finally {
        await handle.close()
      }
    }
  }

  async packs(): Promise<readonly { pack: string; bytes: number }[]> {
    const found: { pack: string; bytes: number }[] = []
    for (const pack of await this.#files.list()) {
      const bytes = await this.#files.size(pack)
      if (bytes !== undefined) found.push({ pack, bytes })
    }
    return found
  }

  async removePacks(packs: readonly string[]): Promise<void> {
    await this.#appender.seal(new Set(packs))
    await this.#files.remove(packs)
    await this.#reader.release(packs)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#appender.close()
    await this.#reader.close()
    this.#lock.release()
  }

  async #openUnlessGone(pack: string): Promise<FileHandle | undefined> {
    try {
      return await this.#files.openToRead(pack)
    } catch (error) {
      if (isSyncError(error, 'chunk-missing')) return undefined
      throw error
    }
  }
}

async function openUnlessTorn(files: PackFiles, last: string | undefined, maxPackBytes: number) {
  if (last === undefined) return undefined
  const handle = await files.openToAppend(last)
  const { size } = await handle.stat()
  const end = size < maxPackBytes ? await cleanEnd(handle, size) : undefined
  if (end !== undefined) return { pack: last, handle, end }
  await handle.close()
  return undefined
}
