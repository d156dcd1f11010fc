import { SyncError, isSyncError, type ChunkId } from '@causeway/protocol'
import type { PackTail } from '../metadata-store.ts'
import type { PackLocation, PackReaderToken, PackRecord, PackStore, StoredChunk } from '../pack-store.ts'
import { gatherReads, type Run } from './gather-reads.ts'
import { ObjectPackAppender } from './object-pack-appender.ts'
import type { ObjectPackOptions } from './object-pack-options.ts'
import type { PackObjects } from './pack-objects.ts'
import { isPackName } from './pack-name.ts'
import { HEADER_BYTES } from './record.ts'
import { recordsIn } from './scan-pack.ts'

/**
 * Packs that are filled aside and saved whole, as an object store wants them. Any number of processes may share them:
 * each appends to packs of its own, whose names the metadata give out once.
 */
export function openObjectPackStore(options: ObjectPackOptions): PackStore {
  return new ObjectPackStore(options)
}

/** How many packs there are, and whose they are, without making anything. */
export async function lookAtPackObjects(
  objects: PackObjects,
): Promise<{ readonly count: number; readonly id: string | null }> {
  const packs = (await objects.list()).filter(({ pack }) => isPackName(pack))
  return { count: packs.length, id: await readIdentity(objects) }
}

const IDENTITY = 'identity'
/** Sizes of saved packs that are kept in mind. */
const KNOWN_SIZES = 50_000

class ObjectPackStore implements PackStore {
  readonly recordOverheadBytes = HEADER_BYTES
  readonly isShared = true
  readonly #options: ObjectPackOptions
  readonly #appender: ObjectPackAppender
  readonly #read = gatherReads((run) => this.#readRun(run))
  /** Of packs that are saved: they never change. */
  readonly #sizes = new Map<string, number>()
  #id: string | null = null
  #readFailure: string | undefined
  #closed = false

  constructor(options: ObjectPackOptions) {
    this.#options = options
    this.#appender = new ObjectPackAppender({ ...options, finish: (pack) => this.finish(pack) })
  }

  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    return this.#appender.append(chunks)
  }

  async read(hash: ChunkId, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array> {
    this.#checkOpen()
    try {
      return await this.#read(hash, location, reader)
    } catch (error) {
      if (!isSyncError(error, 'chunk-corrupt') || this.#options.objects.forget === undefined) throw error
      // It may have been a copy of the pack that was unsound, and not the pack.
      await this.#options.objects.forget(location.pack)
      return this.#read(hash, location, reader)
    }
  }

  async *records(from?: ReadonlyMap<string, number>): AsyncGenerator<PackRecord> {
    for (const { pack, bytes } of await this.packs()) {
      if (from !== undefined && !from.has(pack)) continue
      const start = from?.get(pack) ?? 0
      if (start >= bytes) continue
      const whole = await this.#stretch(pack, start, bytes)
      for (const { header, offset } of recordsIn(whole)) {
        const { hash, size, compressed, storedSize } = header
        yield { hash, size, compressed, location: { pack, offset: start + offset, storedSize } }
      }
    }
  }

  async packs(): Promise<readonly { pack: string; bytes: number }[]> {
    const { metadata, objects } = this.#options
    const sizes = new Map<string, number>()
    // In this order: what is saved meanwhile is in one of the two.
    for (const { pack, bytes } of await metadata.read((tx) => tx.packTails())) sizes.set(pack, bytes)
    for (const { pack, bytes } of await objects.list()) if (isPackName(pack)) sizes.set(pack, bytes)
    return [...sizes].map(([pack, bytes]) => ({ pack, bytes })).sort((a, b) => Number(a.pack) - Number(b.pack))
  }

  /**
   * Saves what the metadata keep of a pack, where anything is kept. What is there under its name is longer where the
   * metadata are older than the pack.
   */
  async finish(pack: string): Promise<number> {
    const { metadata, objects } = this.#options
    const kept = together(await metadata.read((tx) => tx.packTail(pack)))
    const saved = await objects.size(pack)
    if (kept.length === 0) return saved ?? 0
    if (saved !== null && saved > kept.length) {
      const beginning = await objects.read(pack, { offset: 0, length: kept.length })
      if (kept.equals(beginning)) return saved
    }
    await objects.save(pack, kept)
    return kept.length
  }

  async removePacks(packs: readonly string[]): Promise<void> {
    if (packs.length === 0) return
    await this.letGo(packs)
    await this.#options.objects.remove([...new Set(packs)])
    await this.#options.metadata.write(async (tx) => {
      for (const pack of packs) await tx.dropPackTail(pack)
    })
  }

  async letGo(packs: readonly string[]): Promise<void> {
    await this.#appender.letGo(packs)
    for (const pack of packs) {
      this.#sizes.delete(pack)
      await this.#options.objects.forget?.(pack)
    }
  }

  async identity(): Promise<string | null> {
    const found = await readIdentity(this.#options.objects)
    this.#id ??= found
    return found
  }

  async setIdentity(id: string): Promise<void> {
    await this.#options.objects.save(IDENTITY, Buffer.from(id))
    this.#id = id
  }

  /** False, too, where the store gives no answer: then nothing is known to be lost. */
  async isInPlace(): Promise<boolean> {
    if (this.#id === null) return true
    const found = await readIdentity(this.#options.objects).catch(() => null)
    return found !== null
  }

  get failures(): readonly string[] {
    return [this.#appender.failure, this.#readFailure].filter((failure) => failure !== undefined)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#appender.close()
  }

  async #readRun({ pack, start, end }: Run): Promise<Buffer> {
    try {
      const bytes = await this.#stretch(pack, start, end)
      this.#readFailure = undefined
      return bytes
    } catch (error) {
      if (isSyncError(error, 'io-error')) this.#readFailure = error.message
      throw error
    }
  }

  /** Fewer bytes where the pack ends before the stretch does. */
  async #stretch(pack: string, start: number, end: number): Promise<Buffer> {
    const known = this.#sizes.get(pack)
    if (known !== undefined) return this.#saved(pack, start, Math.min(end, known))
    const { metadata, objects } = this.#options
    const kept = await metadata.read((tx) => tx.packTail(pack, { offset: start, length: end - start }))
    if (kept.length > 0) return together(kept).subarray(start - (kept[0]?.offset ?? 0), end - (kept[0]?.offset ?? 0))
    const size = await objects.size(pack)
    if (size !== null) {
      this.#keepSize(pack, size)
      return this.#saved(pack, start, Math.min(end, size))
    }
    // Beyond the end of an open pack, as opposed to nowhere.
    const isOpen = (await metadata.read((tx) => tx.packTail(pack, { offset: 0, length: 1 }))).length > 0
    if (isOpen) return Buffer.alloc(0)
    throw new SyncError('chunk-missing', `cannot read from the pack ${pack}: it is gone`)
  }

  async #saved(pack: string, offset: number, end: number): Promise<Buffer> {
    if (end <= offset) return Buffer.alloc(0)
    const bytes = await this.#options.objects.read(pack, { offset, length: end - offset })
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  #keepSize(pack: string, size: number): void {
    this.#sizes.set(pack, size)
    const oldest = this.#sizes.keys().next()
    if (this.#sizes.size > KNOWN_SIZES && !oldest.done) this.#sizes.delete(oldest.value)
  }

  #checkOpen(): void {
    if (this.#closed) throw new SyncError('internal', 'the pack store was used after it was closed')
  }
}

function together(kept: readonly PackTail[]): Buffer {
  return Buffer.concat(kept.map(({ bytes }) => bytes))
}

async function readIdentity(objects: PackObjects): Promise<string | null> {
  try {
    const length = await objects.size(IDENTITY)
    if (length === null) return null
    return Buffer.from(await objects.read(IDENTITY, { offset: 0, length })).toString()
  } catch (error) {
    if (isSyncError(error, 'chunk-missing')) return null
    throw error
  }
}
