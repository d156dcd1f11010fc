import { SyncError } from '@causeway/protocol'
import { Mutex } from '../mutex.ts'
import type { PackLocation, StoredChunk } from '../pack-store.ts'
import type { ObjectPackOptions } from './object-pack-options.ts'
import { encodeHeader, HEADER_BYTES, MAX_STORED_BYTES } from './record.ts'

interface OpenPack {
  readonly name: string
  readonly owner: string
  bytes: number
}

interface Waiting {
  readonly chunks: readonly StoredChunk[]
  readonly bytes: number
  readonly resolve: (locations: readonly PackLocation[]) => void
  readonly reject: (error: unknown) => void
}

/** What comes in one append of at least this size becomes a pack of its own, and never passes through the metadata. */
const ASIDE_BYTES = 1024 * 1024
/** Packs that are saved at once, beside those that were full. */
const MOST_ASIDE = 4
/** Full packs that are not saved yet: with more, whoever appends waits for the store. */
const MOST_FULL = 4

/**
 * Appends to packs that are saved as whole objects.
 *
 * What is small goes into the metadata, as the tail of an open pack: one write makes it durable. A full pack is saved
 * while others fill; its tail goes with the note that it is sealed. What is large is put together with whatever else
 * waits, and saved first; a pack that was saved and never noted in any chunk's row is garbage.
 *
 * A pack whose save failed may appear later. It is noted as sealed, so that nobody adds to it and the upkeep finds it.
 */
export class ObjectPackAppender {
  readonly #options: ObjectPackOptions & { readonly finish: (pack: string) => Promise<number> }
  readonly #maxPackBytes: number
  readonly #tails = new Mutex()
  #small: Waiting[] = []
  #large: Waiting[] = []
  #aside = new Set<Promise<void>>()
  #current: OpenPack | undefined
  readonly #full: OpenPack[] = []
  #saving: Promise<void> | undefined
  #failure: string | undefined
  #closed = false

  constructor(options: ObjectPackOptions & { readonly finish: (pack: string) => Promise<number> }) {
    this.#options = options
    this.#maxPackBytes = options.maxPackBytes
  }

  /** Why the last save failed, until one succeeds. */
  get failure(): string | undefined {
    return this.#failure
  }

  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    if (this.#closed) return Promise.reject(new SyncError('internal', 'the pack store was used after it was closed'))
    const unfit = chunks.find((chunk) => chunk.bytes.length > MAX_STORED_BYTES)
    if (unfit) {
      const message = `cannot store chunk ${unfit.hash}: ${unfit.bytes.length} bytes are over the limit of ${MAX_STORED_BYTES}`
      return Promise.reject(new SyncError('too-large', message))
    }
    const bytes = chunks.reduce((sum, chunk) => sum + recordBytes(chunk), 0)
    return new Promise((resolve, reject) => {
      const waiting = { chunks, bytes, resolve, reject }
      if (bytes >= Math.min(ASIDE_BYTES, this.#maxPackBytes)) {
        this.#large.push(waiting)
        this.#saveLarge()
      } else {
        this.#small.push(waiting)
        if (this.#small.length === 1) void this.#tails.run(() => this.#keepSmall())
      }
    })
  }

  /** Appends no more to these. */
  letGo(packs: readonly string[]): Promise<void> {
    return this.#tails.run(async () => {
      if (this.#current !== undefined && packs.includes(this.#current.name)) this.#current = undefined
    })
  }

  /** What is open or full stays durable in the metadata, and is saved by whoever seals it. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#tails.run(async () => undefined)
    while (this.#aside.size > 0) await Promise.all(this.#aside)
  }

  async #keepSmall(): Promise<void> {
    const group = this.#small
    this.#small = []
    await answer(group, () => this.#addToTails(group.flatMap(({ chunks }) => chunks)))
    if (this.#full.length > 0) this.#saveFull().catch(() => undefined)
  }

  async #addToTails(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    const locations: PackLocation[] = []
    while (locations.length < chunks.length) {
      const pack = await this.#packWithRoom(chunks[locations.length])
      const fitting = firstThatFit(chunks.slice(locations.length), this.#maxPackBytes - pack.bytes)
      const { bytes, places } = recordsOf(fitting, pack)
      if (!(await this.#addTail(pack, bytes))) {
        // Another process took this one for gone, and has saved the pack as it was.
        this.#current = undefined
        continue
      }
      locations.push(...places)
      pack.bytes += bytes.length
    }
    return locations
  }

  async #addTail(pack: OpenPack, bytes: Uint8Array): Promise<boolean> {
    const { metadata } = this.#options
    const tail = { owner: pack.owner, offset: pack.bytes, bytes }
    try {
      return await metadata.write((tx) => tx.addPackTail(pack.name, tail))
    } catch (error) {
      // Whether it was kept is not known: what follows goes into another pack, and this one is saved as it is found.
      this.#current = undefined
      this.#full.push(pack)
      throw error
    }
  }

  async #packWithRoom(chunk: StoredChunk | undefined): Promise<OpenPack> {
    const needed = chunk === undefined ? 0 : recordBytes(chunk)
    const current = this.#current
    if (current !== undefined && (current.bytes === 0 || current.bytes + needed <= this.#maxPackBytes)) return current
    if (this.#full.length >= MOST_FULL) await this.#saveFull()
    if (current !== undefined) this.#full.push(current)
    this.#current = undefined
    return (this.#current = await this.#begin())
  }

  async #begin(): Promise<OpenPack> {
    const owner = this.#options.owner()
    const name = await this.#options.metadata.write((tx) => tx.beginPack(owner))
    return { name, owner, bytes: 0 }
  }

  #saveFull(): Promise<void> {
    this.#saving ??= this.#saveEachFull().finally(() => (this.#saving = undefined))
    return this.#saving
  }

  async #saveEachFull(): Promise<void> {
    for (let pack = this.#full[0]; pack !== undefined && !this.#closed; pack = this.#full[0]) {
      const { name } = pack
      const bytes = await this.#noting(() => this.#options.finish(name))
      await this.#seal({ ...pack, bytes })
      this.#full.shift()
    }
  }

  #saveLarge(): void {
    const waits = (): number => this.#large.reduce((sum, { bytes }) => sum + bytes, 0)
    while (
      this.#large.length > 0 &&
      (this.#aside.size === 0 || (this.#aside.size < MOST_ASIDE && waits() >= this.#maxPackBytes / 2))
    ) {
      const group = this.#takeLarge()
      const saving = answer(group, () => this.#saveAside(group.flatMap(({ chunks }) => chunks))).finally(() => {
        this.#aside.delete(saving)
        this.#saveLarge()
      })
      this.#aside.add(saving)
    }
  }

  #takeLarge(): readonly Waiting[] {
    let bytes = 0
    const tooMuch = this.#large.findIndex((waiting, index) => {
      bytes += waiting.bytes
      return index > 0 && bytes > this.#maxPackBytes
    })
    return this.#large.splice(0, tooMuch === -1 ? this.#large.length : tooMuch)
  }

  async #saveAside(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    const locations: PackLocation[] = []
    while (locations.length < chunks.length) {
      const fitting = firstThatFit(chunks.slice(locations.length), this.#maxPackBytes)
      const pack = await this.#begin()
      const { bytes, places } = recordsOf(fitting, pack)
      const saved = { ...pack, bytes: bytes.length }
      try {
        await this.#noting(() => this.#options.objects.save(pack.name, bytes))
      } catch (error) {
        await this.#seal(saved).catch(() => undefined)
        throw error
      }
      await this.#seal(saved)
      locations.push(...places)
    }
    return locations
  }

  async #seal({ name, owner, bytes }: OpenPack): Promise<void> {
    const at = new Date(this.#options.now()).toISOString()
    await this.#options.metadata.write((tx) => tx.sealPack(name, { owner, bytes, at }))
  }

  /** Keeps in mind how the last save went. */
  async #noting<T>(save: () => Promise<T>): Promise<T> {
    try {
      const result = await save()
      this.#failure = undefined
      return result
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error)
      throw error
    }
  }
}

/** Gives each its own of the locations that come for all of them. */
async function answer(group: readonly Waiting[], store: () => Promise<readonly PackLocation[]>): Promise<void> {
  try {
    const locations = await store()
    let from = 0
    for (const { chunks, resolve } of group) resolve(locations.slice(from, (from += chunks.length)))
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}

/** At least one. */
function firstThatFit(chunks: readonly StoredChunk[], roomBytes: number): readonly StoredChunk[] {
  let bytes = 0
  const tooMuch = chunks.findIndex((chunk, index) => {
    bytes += recordBytes(chunk)
    return index > 0 && bytes > roomBytes
  })
  return tooMuch === -1 ? chunks : chunks.slice(0, tooMuch)
}

function recordsOf(chunks: readonly StoredChunk[], pack: OpenPack) {
  let offset = pack.bytes
  const places = chunks.map((chunk): PackLocation => {
    const place = { pack: pack.name, offset, storedSize: chunk.bytes.length }
    offset += recordBytes(chunk)
    return place
  })
  return { bytes: Buffer.concat(chunks.flatMap((chunk) => [encodeHeader(chunk), chunk.bytes])), places }
}

function recordBytes(chunk: StoredChunk): number {
  return HEADER_BYTES + chunk.bytes.length
}
