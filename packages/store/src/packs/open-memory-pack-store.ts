import { SyncError, type ChunkId } from '@causeway/protocol'
import { Mutex } from '../mutex.ts'
import { packName } from './pack-name.ts'
import { NO_REGISTRY, type PackRegistry } from './pack-registry.ts'
import type { PackLocation, PackRecord, PackStore, StoredChunk } from '../pack-store.ts'

/** Packs in memory, for tests and simulation. Its locations follow the same rules as those on a disk. */
export function openMemoryPackStore(
  options: { readonly maxPackBytes?: number; readonly registry?: PackRegistry } = {},
): PackStore {
  return new MemoryPackStore(options.maxPackBytes ?? 64 * 1024 * 1024, options.registry ?? NO_REGISTRY)
}

interface Pack {
  readonly records: Map<number, StoredChunk>
  bytes: number
}

class MemoryPackStore implements PackStore {
  readonly recordOverheadBytes = 1
  readonly isShared = false
  readonly #maxPackBytes: number
  readonly #registry: PackRegistry
  readonly #packs = new Map<string, Pack>()
  readonly #turns = new Mutex()
  #last = 0
  #identity: string | null = null
  #closed = false

  constructor(maxPackBytes: number, registry: PackRegistry) {
    this.#maxPackBytes = maxPackBytes
    this.#registry = registry
  }

  async append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    this.#checkOpen()
    return this.#turns.run(() => this.#append(chunks))
  }

  async #append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    const locations: PackLocation[] = []
    for (const chunk of chunks) {
      const [name, pack] = await this.#packFor(chunk)
      const location = { pack: name, offset: pack.bytes, storedSize: chunk.bytes.length }
      // A copy, for the caller may use its buffer again. (`slice` of a Buffer is none.)
      pack.records.set(location.offset, { ...chunk, bytes: new Uint8Array(chunk.bytes) })
      pack.bytes += chunk.bytes.length + this.recordOverheadBytes
      locations.push(location)
    }
    return locations
  }

  async read(hash: ChunkId, location: PackLocation): Promise<Uint8Array> {
    this.#checkOpen()
    const pack = this.#packs.get(location.pack)
    if (!pack) throw new SyncError('chunk-missing', `cannot read chunk ${hash}: the pack ${location.pack} is gone`)
    const record = pack.records.get(location.offset)
    if (record?.hash !== hash || record.bytes.length !== location.storedSize) {
      throw new SyncError('chunk-corrupt', `cannot read chunk ${hash}: no such record is at ${location.offset}`)
    }
    return new Uint8Array(record.bytes)
  }

  async *records(from?: ReadonlyMap<string, number>): AsyncGenerator<PackRecord> {
    for (const [pack, { records }] of this.#packs) {
      if (from !== undefined && !from.has(pack)) continue
      for (const [offset, { hash, size, compressed, bytes }] of records) {
        if (offset < (from?.get(pack) ?? 0)) continue
        yield { hash, size, compressed, location: { pack, offset, storedSize: bytes.length } }
      }
    }
  }

  async packs(): Promise<readonly { pack: string; bytes: number }[]> {
    return [...this.#packs].map(([pack, { bytes }]) => ({ pack, bytes }))
  }

  async finish(pack: string): Promise<number> {
    return this.#packs.get(pack)?.bytes ?? 0
  }

  async removePacks(packs: readonly string[]): Promise<void> {
    for (const pack of packs) this.#packs.delete(pack)
  }

  async letGo(): Promise<void> {
    // Nothing is held open.
  }

  async identity(): Promise<string | null> {
    return this.#identity
  }

  async setIdentity(id: string): Promise<void> {
    this.#identity = id
  }

  async isInPlace(): Promise<boolean> {
    return true
  }

  get failures(): readonly string[] {
    return []
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #packFor(chunk: StoredChunk): Promise<[string, Pack]> {
    const name = packName(this.#last)
    const current = this.#packs.get(name)
    if (current && current.bytes + chunk.bytes.length < this.#maxPackBytes) return [name, current]
    if (current) await this.#registry.seal(name, current.bytes)
    this.#last += 1
    const fresh = { records: new Map<number, StoredChunk>(), bytes: 0 }
    const next = packName(this.#last)
    this.#packs.set(next, fresh)
    await this.#registry.open(next)
    return [next, fresh]
  }

  #checkOpen(): void {
    if (this.#closed) throw new SyncError('internal', 'the pack store was used after it was closed')
  }
}
