import { hash as hashOf } from 'node:crypto'
import { SyncError, type ChunkRef, type ChunkId } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { SentChunk } from './whole-chunks.ts'

/**
 * Chunks of a file that was read: the bytes of as many as fit, and for the
 * rest where to read them again.
 */
export class HeldChunks {
  readonly #file: OpenFile
  readonly #mostBytes: number
  readonly #places = new Map<ChunkId, { readonly offset: number; readonly size: number; bytes: Uint8Array | null }>()
  #heldBytes = 0

  constructor(file: OpenFile, mostBytes: number) {
    this.#file = file
    this.#mostBytes = mostBytes
  }

  /** Copies the bytes: those handed over may be released after. */
  add({ hash, offset, bytes }: ChunkRef & { readonly offset: number; readonly bytes: Uint8Array }): void {
    if (this.#places.has(hash)) return
    const fits = this.#heldBytes + bytes.length <= this.#mostBytes
    if (fits) this.#heldBytes += bytes.length
    this.#places.set(hash, { offset, size: bytes.length, bytes: fits ? new Uint8Array(bytes) : null })
  }

  /** Throws `changed-while-reading` if the file no longer holds the chunk, `internal` for one that was not added. */
  async chunk(hash: ChunkId): Promise<SentChunk> {
    const place = this.#places.get(hash)
    if (place === undefined) throw new SyncError('internal', `chunk ${hash} was not read`)
    const { offset, size } = place
    if (place.bytes !== null) return { hash, size, bytes: place.bytes }
    const bytes = await this.#file.read(offset, size)
    if (hashOf('sha256', bytes) === hash) return { hash, size, bytes }
    throw new SyncError('changed-while-reading', `it changed at ${offset} after it was read`)
  }

  /** Lets the memory go; chunks are read from the file from now on. */
  forget(): void {
    for (const place of this.#places.values()) place.bytes = null
  }
}
