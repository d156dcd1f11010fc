import { isSyncError, type ErrorCode, type ChunkId } from '@causeway/protocol'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ChunkRow } from '../metadata-store.ts'
import type { PackLocation, PackReaderToken, PackStore } from '../pack-store.ts'

export interface DamagedChunk {
  readonly hash: ChunkId
  readonly location: PackLocation
  readonly code: ErrorCode
  /** What is wrong with it. */
  readonly message: string
}

export type ReadChunk =
  | { readonly isSound: true; readonly stored: Uint8Array }
  | { readonly isSound: false; readonly damage: DamagedChunk }

const decompress = promisify(zstdDecompress)

/** Reads a chunk's stored bytes from its pack, unpacks and rehashes them. */
export async function readChunk(
  packs: Pick<PackStore, 'read'>,
  row: ChunkRow,
  reader?: PackReaderToken,
): Promise<ReadChunk> {
  const { hash, pack, offset, storedSize } = row
  const damaged = (code: ErrorCode, message: string): ReadChunk => ({
    isSound: false,
    damage: { hash, location: { pack, offset, storedSize }, code, message },
  })
  let stored: Uint8Array
  try {
    stored = await packs.read(hash, row, reader)
  } catch (error) {
    if (!isSyncError(error)) throw error
    return damaged(error.code, error.message)
  }
  const plain = row.compressed ? await unpacked(stored, row.size) : stored
  if (!plain) return damaged('chunk-corrupt', `chunk ${hash} is no zstd frame of ${row.size} bytes`)
  if (plain.length !== row.size)
    return damaged('chunk-corrupt', `chunk ${hash} has ${plain.length} bytes, not ${row.size}`)
  const actual = createHash('sha256').update(plain).digest('hex')
  return actual === hash ? { isSound: true, stored } : damaged('chunk-corrupt', `chunk ${hash} has become ${actual}`)
}

async function unpacked(frame: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  try {
    // One byte of room at least: a limit of zero is not taken.
    return await decompress(frame, { maxOutputLength: Math.max(size, 1) })
  } catch {
    return undefined
  }
}
