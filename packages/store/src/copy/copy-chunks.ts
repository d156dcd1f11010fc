import { SyncError, type ChunkId } from '@causeway/protocol'
import { readChunk, type DamagedChunk } from '../collection/sound-chunk.ts'
import type { ChunkRow, MetadataReader, MetadataStore } from '../metadata-store.ts'
import type { PackSource, PackStore } from '../pack-store.ts'

export interface ChunkCopy {
  readonly from: { readonly metadata: MetadataReader; readonly packs: PackSource }
  readonly to: { readonly metadata: MetadataStore; readonly packs: PackStore }
  /** Told after each step how many more stored bytes are there, whether they were copied now or before. */
  readonly copied: (bytes: number) => void
  readonly signal?: AbortSignal
}

/** What is read, checked, written and noted at once. */
const BATCH_CHUNKS = 500
const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Copies every chunk that the index knows, rehashed on its way; those that the new store has already are left alone.
 * The damaged are noted there as lost, so that nodes are asked for them, and returned.
 */
export async function copyChunks(copy: ChunkCopy): Promise<readonly DamagedChunk[]> {
  // In the order in which they lie, as far as that holds them all.
  for await (const rows of rowsByPack((hashes) => copy.from.metadata.chunks(hashes), copy.from.packs))
    await copyRows(copy, rows)
  const damaged: DamagedChunk[] = []
  for await (const rows of rowsByHash(copy.from.metadata)) {
    damaged.push(...(await copyRows({ ...copy, copied: () => undefined }, rows)))
  }
  await noteLost(
    copy.to.metadata,
    damaged.map(({ hash }) => hash),
  )
  return damaged
}

/**
 * Reads back and rehashes what was copied, and holds it against the source's index. Throws `io-error` where a chunk is
 * missing or is not as it was.
 */
export async function compareChunks({ from, to, copied, signal }: ChunkCopy): Promise<{ readonly chunks: number }> {
  const chunks = await compareIndex(from.metadata, to.metadata)
  const lookUp: LookUp = (hashes) => to.metadata.read((tx) => tx.chunks(hashes))
  let sound = 0
  for await (const rows of rowsByPack(lookUp, to.packs)) {
    signal?.throwIfAborted()
    for (const read of await Promise.all(rows.map((row) => readChunk(to.packs, row)))) {
      if (!read.isSound) throw new SyncError('io-error', `the copy is not the same: ${read.damage.message}`)
    }
    sound += rows.length
    copied(bytesOf(rows))
  }
  const held = await to.metadata.read((tx) => countChunks(tx))
  if (sound !== held) {
    throw new SyncError(
      'io-error',
      `the copy is not whole: of ${held} chunks, ${sound} can be read back from its packs`,
    )
  }
  return { chunks }
}

/** What there is to copy. */
export async function measureChunks(tx: MetadataReader): Promise<{ readonly chunks: number; readonly bytes: number }> {
  let [chunks, bytes] = [0, 0]
  for await (const rows of rowsByHash(tx)) {
    chunks += rows.length
    bytes += bytesOf(rows)
  }
  return { chunks, bytes }
}

/** Every chunk of the source is there, of the same size, or is noted as lost. Returns how many there are. */
async function compareIndex(from: MetadataReader, to: MetadataStore): Promise<number> {
  let chunks = 0
  for await (const rows of rowsByHash(from)) {
    const hashes = rows.map(({ hash }) => hash)
    const [held, lost] = await to.read((tx) => Promise.all([tx.chunks(hashes), tx.lostAmong(hashes)]))
    const sizes = new Map(held.map(({ hash, size }) => [hash, size]))
    const wrong = rows.find(({ hash, size }) => !lost.includes(hash) && sizes.get(hash) !== size)
    if (wrong !== undefined) throw new SyncError('io-error', `the copy is not the same: chunk ${wrong.hash} is missing`)
    chunks += rows.length
  }
  return chunks
}

/** Those that are not there yet. Returns what of them can't be copied. */
async function copyRows(
  { from, to, copied, signal }: ChunkCopy,
  rows: readonly ChunkRow[],
): Promise<readonly DamagedChunk[]> {
  signal?.throwIfAborted()
  const held = new Set(
    (await to.metadata.read((tx) => tx.chunks(rows.map(({ hash }) => hash)))).map(({ hash }) => hash),
  )
  const reader = {}
  const missing = rows.filter(({ hash }) => !held.has(hash))
  const read = await Promise.all(missing.map(async (row) => ({ row, ...(await readChunk(from.packs, row, reader)) })))
  const sound = read.filter((chunk) => chunk.isSound)
  if (sound.length > 0) {
    const chunks = sound.map(({ row: { hash, size, compressed }, stored }) => ({
      hash,
      size,
      compressed,
      bytes: stored,
    }))
    const locations = await to.packs.append(chunks)
    const placed = sound.flatMap(({ row: { hash, size, compressed } }, at) => {
      const location = locations[at]
      return location === undefined ? [] : [{ hash, size, compressed, ...location }]
    })
    await to.metadata.write((tx) => tx.addChunks(placed))
  }
  copied(bytesOf(rows))
  return read.flatMap((chunk) => (chunk.isSound ? [] : [chunk.damage]))
}

async function noteLost(to: MetadataStore, hashes: readonly ChunkId[]): Promise<void> {
  for (let at = 0; at < hashes.length; at += BATCH_CHUNKS) {
    const some = hashes.slice(at, at + BATCH_CHUNKS)
    await to.write(async (tx) => {
      const known = await tx.lostAmong(some)
      const rows = some.filter((hash) => !known.includes(hash)).map((hash) => [Buffer.from(hash, 'hex')])
      await tx.load('lost_chunks', rows)
    })
  }
}

type LookUp = (hashes: readonly ChunkId[]) => Promise<readonly ChunkRow[]>

/** The chunks that packs hold where the index says, in the order in which they lie. */
async function* rowsByPack(lookUp: LookUp, packs: PackSource): AsyncGenerator<readonly ChunkRow[]> {
  for (const { pack } of await packs.packs()) {
    for await (const records of batches(packs.records(new Map([[pack, 0]])), ({ location }) => location.storedSize)) {
      const offsets = new Map(records.map(({ hash, location }) => [`${hash} ${location.offset}`, location]))
      const rows = await lookUp([...new Set(records.map(({ hash }) => hash))])
      const here = rows.filter((row) => row.pack === pack && offsets.has(`${row.hash} ${row.offset}`))
      if (here.length > 0) yield here.toSorted((a, b) => a.offset - b.offset)
    }
  }
}

async function* rowsByHash(tx: MetadataReader): AsyncGenerator<readonly ChunkRow[]> {
  for (let after: ChunkId | undefined; ;) {
    const rows = await tx.chunksAfter(after, BATCH_CHUNKS)
    if (rows.length === 0) return
    yield rows
    after = rows.at(-1)?.hash
  }
}

async function countChunks(tx: MetadataReader): Promise<number> {
  let count = 0
  for await (const rows of rowsByHash(tx)) count += rows.length
  return count
}

async function* batches<T>(items: AsyncIterable<T>, sizeOf: (item: T) => number): AsyncGenerator<readonly T[]> {
  let batch: T[] = []
  let bytes = 0
  for await (const item of items) {
    batch.push(item)
    bytes += sizeOf(item)
    if (batch.length < BATCH_CHUNKS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

function bytesOf(rows: readonly ChunkRow[]): number {
  return rows.reduce((sum, { storedSize }) => sum + storedSize, 0)
}
