import { createHash } from 'node:crypto'
import {
  LIMITS,
  SyncError,
  type ChunkRef,
  type ChunkId,
  type ListDigest,
  type Manifest,
  type SplicePart,
} from '@causeway/protocol'

const RECORD_BYTES = 36
const HASH_BYTES = 32
const SMALLEST_CAPACITY = 16

/**
 * A content's chunk list as the bytes that travel (see `encodeManifest`): 44
 * bytes a chunk however long the file is, a fifth of what objects would take.
 * It may grow at its end.
 */
export class ChunkTable {
  #records: Buffer
  /** Where each chunk begins in the content, and at last where the content ends. */
  #offsets: Float64Array
  #count = 0
  #places: Int32Array | undefined

  private constructor(capacity: number) {
    this.#records = Buffer.allocUnsafe(Math.max(capacity, SMALLEST_CAPACITY) * RECORD_BYTES)
    this.#offsets = new Float64Array(Math.max(capacity, SMALLEST_CAPACITY) + 1)
  }

  /** Throws `manifest-invalid` on bytes that no chunk list encodes to. */
  static decode(bytes: Uint8Array): ChunkTable {
    const table = new ChunkTable(Math.floor(bytes.length / RECORD_BYTES))
    table.append(bytes)
    return table
  }

  static of(manifest: Manifest): ChunkTable {
    const bytes = Buffer.allocUnsafe(manifest.length * RECORD_BYTES)
    for (const [index, { hash, size }] of manifest.entries()) {
      bytes.write(hash, index * RECORD_BYTES, HASH_BYTES, 'hex')
      bytes.writeUInt32BE(size, index * RECORD_BYTES + HASH_BYTES)
    }
    return ChunkTable.decode(bytes)
  }

  /** Throws `manifest-invalid` on parts that do not fit this list. */
  splice(parts: readonly SplicePart[]): ChunkTable {
    let count = 0
    for (const part of parts) {
      if (part instanceof Uint8Array) count += part.length / RECORD_BYTES
      else if (part[0] + part[1] <= this.#count) count += part[1]
      else throw invalid(`a splice takes chunk ${part[0] + part[1]} of a list of ${this.#count}`)
      if (count > LIMITS.chunksPerManifest) throw invalid(`a splice makes more than ${LIMITS.chunksPerManifest} chunks`)
    }
    const table = new ChunkTable(Math.floor(count))
    for (const part of parts) {
      if (part instanceof Uint8Array) table.append(part)
      else table.append(this.#records.subarray(part[0] * RECORD_BYTES, (part[0] + part[1]) * RECORD_BYTES))
    }
    return table
  }

  append(bytes: Uint8Array): void {
    const added = bytes.length / RECORD_BYTES
    if (!Number.isInteger(added)) throw invalid(`a chunk list of ${bytes.length} bytes is cut short`)
    if (this.#count + added > LIMITS.chunksPerManifest) throw invalid('a chunk list is too long')
    this.#reserve(this.#count + added)
    this.#records.set(bytes, this.#count * RECORD_BYTES)
    for (let index = this.#count; index < this.#count + added; index++) {
      const size = this.size(index)
      if (size === 0 || size > LIMITS.chunkBytes) throw invalid(`chunk ${index} claims ${size} bytes`)
      this.#offsets[index + 1] = (this.#offsets[index] ?? 0) + size
    }
    this.#count += added
    this.#places = undefined
  }

  get count(): number {
    return this.#count
  }

  /** What all chunks are together. */
  get sizeBytes(): number {
    return this.offset(this.#count)
  }

  /** The encoded list; not to be changed. */
  get bytes(): Uint8Array {
    return this.#records.subarray(0, this.#count * RECORD_BYTES)
  }

  /** SHA-256 of the encoded list. */
  get digest(): ListDigest {
    return createHash('sha256').update(this.bytes).digest('hex') as ListDigest
  }

  hash(index: number): ChunkId {
    const at = index * RECORD_BYTES
    return this.#records.toString('hex', at, at + HASH_BYTES) as ChunkId
  }

  size(index: number): number {
    return this.#records.readUInt32BE(index * RECORD_BYTES + HASH_BYTES)
  }

  /** Where the chunk begins in the content. */
  offset(index: number): number {
    return this.#offsets[index] ?? 0
  }

  chunk(index: number): ChunkRef {
    return { hash: this.hash(index), size: this.size(index) }
  }

  /** 48 bits of a chunk's hash. */
  key(index: number): number {
    return this.#records.readUIntBE(index * RECORD_BYTES, 6)
  }

  /** The first chunk that is the same as another list's, or -1. */
  find(other: ChunkTable, index: number): number {
    const places = (this.#places ??= this.#index())
    const mask = places.length - 1
    for (let slot = other.#slot(index) & mask; ; slot = (slot + 1) & mask) {
      const place = places[slot] ?? 0
      if (place === 0) return -1
      if (this.isSame(place - 1, other, index)) return place - 1
    }
  }

  /** Where a chunk first is, whatever its size; -1 if it is none of these. */
  findHash(hash: ChunkId): number {
    const wanted = Buffer.from(hash, 'hex')
    const places = (this.#places ??= this.#index())
    const mask = places.length - 1
    for (let slot = wanted.readInt32LE() & mask; ; slot = (slot + 1) & mask) {
      const place = places[slot] ?? 0
      const at = (place - 1) * RECORD_BYTES
      if (place === 0) return -1
      if (this.#records.compare(wanted, 0, HASH_BYTES, at, at + HASH_BYTES) === 0) return place - 1
    }
  }

  isSame(index: number, other: ChunkTable, otherIndex: number): boolean {
    const at = index * RECORD_BYTES
    const otherAt = otherIndex * RECORD_BYTES
    return this.#records.compare(other.#records, otherAt, otherAt + RECORD_BYTES, at, at + RECORD_BYTES) === 0
  }

  startsWith(prefix: ChunkTable): boolean {
    const length = prefix.#count * RECORD_BYTES
    return prefix.#count <= this.#count && this.#records.compare(prefix.#records, 0, length, 0, length) === 0
  }

  /** Bytes of a SHA-256 are as good as chance. */
  #slot(index: number): number {
    return this.#records.readInt32LE(index * RECORD_BYTES)
  }

  /** Open addressing over positions plus one, of each chunk's first use. */
  #index(): Int32Array {
    const places = new Int32Array(2 ** Math.ceil(Math.log2(this.#count * 2 + 2)))
    const mask = places.length - 1
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#slot(index) & mask
      for (; places[slot] !== 0; slot = (slot + 1) & mask) {
        if (this.isSame((places[slot] ?? 0) - 1, this, index)) break
      }
      if (places[slot] === 0) places[slot] = index + 1
    }
    return places
  }

  #reserve(count: number): void {
    if (count * RECORD_BYTES <= this.#records.length) return
    const capacity = Math.max(count, this.#count * 2)
    const records = Buffer.allocUnsafe(capacity * RECORD_BYTES)
    records.set(this.bytes)
    const offsets = new Float64Array(capacity + 1)
    offsets.set(this.#offsets.subarray(0, this.#count + 1))
    this.#records = records
    this.#offsets = offsets
  }
}

function invalid(message: string): SyncError {
  return new SyncError('manifest-invalid', message)
}
