import { hash as hashOf } from 'node:crypto'
import type { ChunkId } from '@causeway/protocol'
import type { Files, OpenFile, RelativePath } from '@causeway/replica'
import { COSTS, type ChunkSource } from '../../ports.ts'
import { readChunks } from '../read-chunks.ts'

/** Chunks that one file of this disk holds, for as long as it is open. */
export interface FileChunks extends ChunkSource {
  /** Waits for what is being read. Nothing is given after that. */
  close(): Promise<void>
}

/** Where a chunk is in a file. */
export interface ChunkPlace {
  readonly offset: number
  readonly size: number
}

export const NO_FILE_CHUNKS: FileChunks = {
  cost: COSTS.disk,
  has: async () => new Set(),
  async *fetch() {},
  close: async () => undefined,
}

/** Finds which of `wanted` are in the file at `path`. A file that is missing or can't be read holds none. */
export async function findChunks(
  files: Files,
  path: RelativePath,
  wanted: ReadonlySet<ChunkId>,
  signal: AbortSignal,
): Promise<FileChunks> {
  const file = wanted.size === 0 ? undefined : await files.open(path)
  if (file === undefined) return NO_FILE_CHUNKS
  try {
    return fileChunks(file, await placesIn(file, wanted, signal))
  } catch (error) {
    await file.close()
    if (signal.aborted) throw error
    return NO_FILE_CHUNKS
  }
}

async function placesIn(
  file: OpenFile,
  wanted: ReadonlySet<ChunkId>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ChunkId, ChunkPlace>> {
  const places = new Map<ChunkId, ChunkPlace>()
  for await (const { offset, bytes } of readChunks(file, signal)) {
    const hash = hashOf('sha256', bytes) as ChunkId
    if (wanted.has(hash)) places.set(hash, { offset, size: bytes.length })
  }
  return places
}

/** Chunks at known places of an open file, which is closed with them. */
export function fileChunks(file: OpenFile, places: ReadonlyMap<ChunkId, ChunkPlace>): FileChunks {
  const reading = new Set<Promise<Uint8Array>>()
  let isClosed = false

  async function read(hash: ChunkId): Promise<Uint8Array | undefined> {
    const place = isClosed ? undefined : places.get(hash)
    if (place === undefined) return undefined
    const bytes = file.read(place.offset, place.size)
    reading.add(bytes)
    try {
      return hashOf('sha256', await bytes) === hash ? await bytes : undefined
    } catch {
      // What can't be read any more is fetched from elsewhere.
      return undefined
    } finally {
      reading.delete(bytes)
    }
  }

  return {
    cost: COSTS.disk,
    has: async (hashes) => new Set(hashes.filter((hash) => places.has(hash))),
    async *fetch(hashes) {
      for (const hash of hashes) {
        const bytes = await read(hash)
        if (bytes !== undefined) yield { hash, bytes }
      }
    },
    async close() {
      isClosed = true
      await Promise.allSettled(reading)
      await file.close()
    },
  }
}
