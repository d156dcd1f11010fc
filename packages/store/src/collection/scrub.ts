import type { ChunkRow, MetadataStore } from '../metadata-store.ts'
import type { PackStore } from '../pack-store.ts'
import { chunkRows } from './chunk-rows.ts'
import { readChunk, type DamagedChunk } from './sound-chunk.ts'

export interface ScrubOptions {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly signal?: AbortSignal
  /** Told after each piece of work, with the totals so far. */
  readonly onProgress?: (done: { chunks: number; bytes: number; damaged: number }) => void
}

export interface ScrubReport {
  readonly chunks: number
  /** Stored bytes that were read. */
  readonly bytes: number
  readonly damaged: readonly DamagedChunk[]
}

const AT_ONCE = 64

/**
 * Reads every known chunk back from its pack, unpacks and rehashes it, and
 * tells which are damaged or gone. Changes nothing.
 */
export async function scrub(options: ScrubOptions): Promise<ScrubReport> {
  const damaged: DamagedChunk[] = []
  let chunks = 0
  let bytes = 0
  const checkAll = async (rows: readonly ChunkRow[]): Promise<void> => {
    options.signal?.throwIfAborted()
    const found = await Promise.all(rows.map((row) => check(options, row)))
    damaged.push(...found.filter((result) => result !== undefined))
    chunks += rows.length
    bytes += rows.reduce((sum, row) => sum + row.storedSize, 0)
    options.onProgress?.({ chunks, bytes, damaged: damaged.length })
  }
  let batch: ChunkRow[] = []
  for await (const row of chunkRows(options.metadata)) {
    batch.push(row)
    if (batch.length < AT_ONCE) continue
    await checkAll(batch)
    batch = []
  }
  if (batch.length > 0) await checkAll(batch)
  return { chunks, bytes, damaged }
}

/** Undefined for a sound chunk, and for one that a collection moved or removed meanwhile. */
async function check({ metadata, packs }: ScrubOptions, row: ChunkRow): Promise<DamagedChunk | undefined> {
  const damage = await damageOf(packs, row)
  if (!damage) return undefined
  const [current] = await metadata.read((tx) => tx.chunks([row.hash]))
  if (!current) return undefined
  const hasMoved = current.pack !== row.pack || current.offset !== row.offset
  return hasMoved ? damageOf(packs, current) : damage
}

async function damageOf(packs: PackStore, row: ChunkRow): Promise<DamagedChunk | undefined> {
  const read = await readChunk(packs, row)
  return read.isSound ? undefined : read.damage
}
