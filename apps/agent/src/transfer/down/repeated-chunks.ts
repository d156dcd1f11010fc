import type { ChunkTable } from './chunk-table.ts'

/** Repeated chunks are remembered rather than fetched again, as far as this many bytes reach. */
const REMEMBER_BYTES = 16 * 1024 * 1024

/** Chunks that occur more than once in a content: the bytes of the commonest are kept in memory from their first use to their last. */
export class RepeatedChunks {
  readonly #table: ChunkTable
  /** For each first occurrence worth remembering, what is still to come and, once it was there, its bytes. */
  readonly #kept = new Map<number, { left: number; bytes: Uint8Array | null }>()

  /** `from` is the first chunk that is still to be written. */
  constructor(table: ChunkTable, from: number) {
    this.#table = table
    const uses = new Map<number, number>()
    for (let index = from; index < table.count; index++) {
      const first = table.find(table, index)
      if (first !== index || first < from) uses.set(first, (uses.get(first) ?? (first < from ? 0 : 1)) + 1)
    }
    let bytes = 0
    for (const [first, left] of [...uses].toSorted(([, a], [, b]) => b - a)) {
      if (left < 2 || bytes + table.size(first) > REMEMBER_BYTES) continue
      bytes += table.size(first)
      this.#kept.set(first, { left, bytes: null })
    }
  }

  /** What names a chunk that is to be remembered; `undefined` for all others. */
  nameOf(index: number): number | undefined {
    if (this.#kept.size === 0) return undefined
    const first = this.#table.find(this.#table, index)
    return this.#kept.has(first) ? first : undefined
  }

  /** The bytes, if they were there before. */
  take(name: number): Uint8Array | undefined {
    const kept = this.#kept.get(name)
    if (kept === undefined || kept.bytes === null) return undefined
    const { bytes } = kept
    if (--kept.left === 0) this.#kept.delete(name)
    return bytes
  }

  /** After the first use. */
  keep(name: number, bytes: Uint8Array): void {
    const kept = this.#kept.get(name)
    if (kept === undefined || --kept.left === 0) this.#kept.delete(name)
    else kept.bytes = bytes
  }
}
