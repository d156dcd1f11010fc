import { isSyncError, type ErrorCode, type Hash } from '@causeway/protocol'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ChunkRow, MetadataStore } from '../metadata-store.ts'
import type { PackLocation, PackStore } from '../pack-store.ts'
import { chunkRows } from './chunk-rows.ts'

export interface ScrubOptions {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly signal?: AbortSignal
  /** Told after each piece of work, with the totals so far. */
  readonly onProgress?: (done: { chunks: number; bytes: number; damaged: number }) => void
}

export interface DamagedChunk {
  readonly hash: Hash
  readonly location: PackLocation
  readonly code: ErrorCode
  /** What is wrong with it. */
  readonly message: string
}

export interface ScrubReport {
  readonly chunks: number
  /** Stored bytes that were read. */
  readonly bytes: number
  readonly damaged: readonly DamagedChunk[]
}

const decompress = promisify(zstdDecompress)
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
  const { hash, pack, offset, storedSize } = row
  const damaged = (code: ErrorCode, message: string) => ({
    hash,
    location: { pack, offset, storedSize },
    code,
    message,
  })
  let stored: Uint8Array
  try {
    stored = await packs.read(hash, row)
  } catch (error) {
    if (!isSyncError(error)) throw error
    return damaged(error.code, error.message)
  }
  const plain = row.compressed ? await unpacked(stored, row.size) : stored
  if (!plain) return damaged('chunk-corrupt', `chunk ${hash} is no zstd frame of ${row.size} bytes`)
  if (plain.length !== row.size)
    return damaged('chunk-corrupt', `chunk ${hash} has ${plain.length} bytes, not ${row.size}`)
  const actual = createHash('sha256').update(plain).digest('hex')
  return actual === hash ? undefined : damaged('chunk-corrupt', `chunk ${hash} has become ${actual}`)
}

async function unpacked(frame: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  try {
    // One byte of room at least: a limit of zero is not taken.
    return await decompress(frame, { maxOutputLength: Math.max(size, 1) })
  } catch {
    return undefined
  }
}
