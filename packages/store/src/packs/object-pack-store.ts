import { isSyncError, SyncError, type Hash } from '@causeway/protocol'
import type { MetadataStore } from '../metadata-store.ts'
import { Mutex } from '../mutex.ts'
import type { PackLocation, PackRecord, PackStore, StoredChunk } from '../pack-store.ts'
import type { PackObjects } from './pack-objects.ts'
import { isPackName } from './pack-name.ts'
import { bodyIsSound, decodeHeader, encodeHeader, HEADER_BYTES, mayHoldRecord } from './record.ts'

export interface ObjectPackOptions {
  readonly objects: PackObjects
  readonly metadata: MetadataStore
  /** Names this process at the time of the call: see `PackRow.owner`. */
  readonly owner: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly maxPackBytes?: number
}

/** Packs that are filled aside and saved whole, as an object store wants them. */
export function openObjectPackStore(options: ObjectPackOptions): PackStore {
  return new ObjectPackStore(options)
}

interface OpenPack {
  readonly name: string
  readonly pieces: Uint8Array[]
  bytes: number
}

const IDENTITY = 'identity'

/**
 * What is appended to a pack is durable in the metadata before its pack is:
 * a commit of a small file costs no object of its own. A full pack is saved
 * whole, and what the metadata kept of it goes with the note that it is sealed.
 */
class ObjectPackStore implements PackStore {
  readonly recordOverheadBytes = HEADER_BYTES
  readonly failures: readonly string[] = []
  readonly #options: ObjectPackOptions
  readonly #maxPackBytes: number
  readonly #turns = new Mutex()
  #current: OpenPack | undefined
  #closed = false

  constructor(options: ObjectPackOptions) {
    this.#options = options
    this.#maxPackBytes = options.maxPackBytes ?? 16 * 1024 * 1024
  }

  async append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    this.#checkOpen()
    return this.#turns.run(async () => {
      const locations: PackLocation[] = []
      while (locations.length < chunks.length) {
        const pack = await this.#packWithRoom(chunks[locations.length])
        const fitting = this.#fitting(pack, chunks.slice(locations.length))
        const piece = Buffer.concat(fitting.flatMap((chunk) => [encodeHeader(chunk), chunk.bytes]))
        const tail = { offset: pack.bytes, bytes: piece }
        if (!(await this.#options.metadata.write((tx) => tx.addPackTail(pack.name, tail)))) {
          // Another process took this one for gone, and has saved the pack as it was.
          this.#current = undefined
          continue
        }
        let offset = pack.bytes
        for (const { bytes } of fitting) {
          locations.push({ pack: pack.name, offset, storedSize: bytes.length })
          offset += HEADER_BYTES + bytes.length
        }
        pack.pieces.push(piece)
        pack.bytes = offset
      }
      return locations
    })
  }

  async read(hash: Hash, location: PackLocation): Promise<Uint8Array> {
    this.#checkOpen()
    if (!mayHoldRecord(location)) throw corrupt(hash, location)
    const { pack, offset, storedSize } = location
    const record = await this.#bytesAt(pack, { offset, length: HEADER_BYTES + storedSize })
    const header = decodeHeader(Buffer.from(record.buffer, record.byteOffset, HEADER_BYTES))
    const body = record.subarray(HEADER_BYTES)
    if (header?.hash !== hash || header.storedSize !== storedSize || !bodyIsSound(header, body)) {
      throw corrupt(hash, location)
    }
    return body
  }

  async *records(from?: ReadonlyMap<string, number>): AsyncGenerator<PackRecord> {
    for (const { pack, bytes } of await this.packs()) {
      if (from !== undefined && !from.has(pack)) continue
      const start = from?.get(pack) ?? 0
      const whole = Buffer.from(await this.#bytesAt(pack, { offset: start, length: Math.max(0, bytes - start) }))
      for (let at = 0; at < whole.length;) {
        const header = decodeHeader(whole.subarray(at, at + HEADER_BYTES))
        const end = at + HEADER_BYTES + (header?.storedSize ?? 0)
        if (header === undefined || !bodyIsSound(header, whole.subarray(at + HEADER_BYTES, end))) break
        const { hash, size, compressed, storedSize } = header
        yield { hash, size, compressed, location: { pack, offset: start + at, storedSize } }
        at = end
      }
    }
  }

  async packs(): Promise<readonly { pack: string; bytes: number }[]> {
    const sizes = new Map<string, number>()
    // In this order: what is saved meanwhile is in one of the two.
    for (const { pack, bytes } of await this.#options.metadata.read((tx) => tx.packTails())) sizes.set(pack, bytes)
    for (const { pack, bytes } of await this.#options.objects.list()) if (isPackName(pack)) sizes.set(pack, bytes)
    return [...sizes].map(([pack, bytes]) => ({ pack, bytes })).sort((a, b) => Number(a.pack) - Number(b.pack))
  }

  async finish(pack: string): Promise<number> {
    const whole = Buffer.concat(
      (await this.#options.metadata.read((tx) => tx.packTail(pack))).map(({ bytes }) => bytes),
    )
    if (whole.length > 0) await this.#options.objects.save(pack, whole)
    return whole.length
  }

  async removePacks(packs: readonly string[]): Promise<void> {
    await this.letGo(packs)
    await this.#options.objects.remove(packs)
    await this.#options.metadata.write(async (tx) => {
      for (const pack of packs) await tx.dropPackTail(pack)
    })
  }

  letGo(packs: readonly string[]): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#current !== undefined && packs.includes(this.#current.name)) this.#current = undefined
    })
  }

  async identity(): Promise<string | null> {
    try {
      const found = (await this.#options.objects.list()).find(({ pack }) => pack === IDENTITY)
      if (found === undefined) return null
      const bytes = await this.#options.objects.read(IDENTITY, { offset: 0, length: found.bytes })
      return Buffer.from(bytes).toString()
    } catch (error) {
      if (isSyncError(error, 'chunk-missing')) return null
      throw error
    }
  }

  setIdentity(id: string): Promise<void> {
    return this.#options.objects.save(IDENTITY, Buffer.from(id))
  }

  async isInPlace(): Promise<boolean> {
    return true
  }

  /** What is open stays durable where it is, and is finished by whoever seals it. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#turns.run(async () => undefined)
  }

  async #packWithRoom(chunk: StoredChunk | undefined): Promise<OpenPack> {
    const needed = HEADER_BYTES + (chunk?.bytes.length ?? 0)
    const current = this.#current
    if (current !== undefined && (current.bytes === 0 || current.bytes + needed <= this.#maxPackBytes)) return current
    if (current !== undefined) await this.#seal(current)
    const name = await this.#options.metadata.write((tx) => tx.beginPack(this.#options.owner()))
    return (this.#current = { name, pieces: [], bytes: 0 })
  }

  async #seal({ name, pieces, bytes }: OpenPack): Promise<void> {
    await this.#options.objects.save(name, Buffer.concat(pieces))
    this.#current = undefined
    const at = new Date(this.#options.now()).toISOString()
    await this.#options.metadata.write((tx) => tx.sealPack(name, { owner: this.#options.owner(), bytes, at }))
  }

  #fitting(pack: OpenPack, chunks: readonly StoredChunk[]): readonly StoredChunk[] {
    let end = pack.bytes
    const tooMuch = chunks.findIndex((chunk, index) => {
      end += HEADER_BYTES + chunk.bytes.length
      return index > 0 && end > this.#maxPackBytes
    })
    return tooMuch === -1 ? chunks : chunks.slice(0, tooMuch)
  }

  async #bytesAt(pack: string, range: { readonly offset: number; readonly length: number }): Promise<Uint8Array> {
    try {
      return await this.#options.objects.read(pack, range)
    } catch (error) {
      if (!isSyncError(error, 'chunk-missing')) throw error
    }
    const tail = await this.#options.metadata.read((tx) => tx.packTail(pack))
    // Saved between the two.
    if (tail.length === 0) return this.#options.objects.read(pack, range)
    const whole = Buffer.concat(tail.map(({ bytes }) => bytes))
    const end = range.offset + range.length
    if (end <= whole.length) return whole.subarray(range.offset, end)
    throw new SyncError('chunk-corrupt', `the pack ${pack} ends at ${whole.length}, before ${end}`)
  }

  #checkOpen(): void {
    if (this.#closed) throw new SyncError('internal', 'the pack store was used after it was closed')
  }
}

function corrupt(hash: Hash, { pack, offset }: PackLocation): SyncError {
  return new SyncError('chunk-corrupt', `cannot read chunk ${hash}: no such record is at ${offset} of the pack ${pack}`)
}
