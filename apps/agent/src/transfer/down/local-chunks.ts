import { hash as hashOf } from 'node:crypto'
import type { ChunkRef, Hash } from '@causeway/protocol'
import type { Files, OpenFile, RelativePath } from '@causeway/replica'
import { readChunks } from '../read-chunks.ts'

/** Chunks that a file on this disk holds. */
export interface LocalChunks {
  has(hash: Hash): boolean
  /** The chunk's bytes, rehashed; `undefined` if the file no longer holds them there. */
  read(chunk: ChunkRef): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export const NO_LOCAL_CHUNKS: LocalChunks = {
  has: () => false,
  read: async () => undefined,
  close: async () => undefined,
}

/** Finds which of `wanted` lie in the file at `path`. A file that is missing or can't be read holds none. */
export async function findLocalChunks(
  files: Files,
  path: RelativePath | null,
  wanted: ReadonlySet<Hash>,
  signal: AbortSignal,
): Promise<LocalChunks> {
  if (path === null || wanted.size === 0) return NO_LOCAL_CHUNKS
  const file = await files.open(path)
  if (file === undefined) return NO_LOCAL_CHUNKS
  try {
    return heldChunks(file, await indexOf(file, wanted, signal))
  } catch (error) {
    await file.close()
    if (signal.aborted) throw error
    return NO_LOCAL_CHUNKS
  }
}

async function indexOf(file: OpenFile, wanted: ReadonlySet<Hash>, signal: AbortSignal): Promise<Map<Hash, number>> {
  const offsets = new Map<Hash, number>()
  for await (const { offset, bytes } of readChunks(file, signal)) {
    const hash = hashOf('sha256', bytes) as Hash
    if (wanted.has(hash)) offsets.set(hash, offset)
  }
  return offsets
}

/** Chunks at known offsets of an open file. */
export function heldChunks(file: OpenFile, offsets: ReadonlyMap<Hash, number>): LocalChunks {
  return {
    has: (hash) => offsets.has(hash),
    async read({ hash, size }) {
      const offset = offsets.get(hash)
      if (offset === undefined) return undefined
      const bytes = await file.read(offset, size)
      return hashOf('sha256', bytes) === hash ? bytes : undefined
    },
    close: () => file.close(),
  }
}

/** What either of two files holds, the first one's where both do. */
export function eitherHas(first: LocalChunks, second: LocalChunks): LocalChunks {
  return {
    has: (hash) => first.has(hash) || second.has(hash),
    read: async (chunk) => (await first.read(chunk)) ?? second.read(chunk),
    async close() {
      await first.close()
      await second.close()
    },
  }
}
