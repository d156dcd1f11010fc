import type { ContentHash } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { ChunkTable } from './chunk-table.ts'

/** A local file whose contents are known, as long as its stat is unchanged. */
export interface LocalSource {
  readonly content: ContentHash
  readonly table: ChunkTable
  readonly file: OpenFile
}

/** Neighbouring chunks that lie just so in one source. */
export interface Run {
  readonly source: LocalSource
  /** Where they begin in the source. */
  readonly offset: number
  readonly count: number
  readonly sizeBytes: number
}

/** Bytes copied between checks for cancellation. */
const RUN_BYTES = 32 * 1024 * 1024

/** Open files to copy from, the likeliest first. */
export class LocalSources {
  readonly #sources: readonly LocalSource[]

  constructor(sources: readonly LocalSource[]) {
    this.#sources = sources
  }

  has(wanted: ChunkTable, index: number): boolean {
    return this.#sources.some(({ table }) => table.find(wanted, index) !== -1)
  }

  /** The longest stretch from this chunk on that one source holds in one piece. */
  runAt(wanted: ChunkTable, index: number): Run | undefined {
    for (const source of this.#sources) {
      const first = source.table.find(wanted, index)
      if (first === -1) continue
      const count = sameFrom(source.table, first, wanted, index)
      const offset = source.table.offset(first)
      return { source, offset, count, sizeBytes: source.table.offset(first + count) - offset }
    }
    return undefined
  }

  /** Bytes of a content; `undefined` where no source is that content, or it ends before. */
  async region(content: ContentHash, offset: number, length: number): Promise<Uint8Array | undefined> {
    const source = this.#sources.find((candidate) => candidate.content === content)
    if (source === undefined || offset + length > source.file.stat.size) return undefined
    const bytes = await source.file.read(offset, length)
    return bytes.length === length ? bytes : undefined
  }

  async close(): Promise<void> {
    for (const { file } of this.#sources) await file.close()
  }
}

function sameFrom(table: ChunkTable, first: number, wanted: ChunkTable, index: number): number {
  const end = Math.min(table.count - first, wanted.count - index)
  let count = 1
  while (
    count < end &&
    wanted.offset(index + count) - wanted.offset(index) < RUN_BYTES &&
    table.isSame(first + count, wanted, index + count)
  )
    count++
  return count
}
