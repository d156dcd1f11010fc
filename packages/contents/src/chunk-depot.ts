import { hash as digest } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import type { HashWorkers } from '@causeway/packing'
import { SyncError, type ChunkFrame, type ChunkId, type NamedBytes } from '@causeway/protocol'
import type { ChunkRow, MetadataStore, PackStore, StoredChunk } from '@causeway/store'
import { isDamage } from '@causeway/log'
import type { Repair } from './repair.ts'
import { packBytes } from './pack-bytes.ts'
import { createRecentBytes } from './recent-bytes.ts'
import type { Room } from './room.ts'

/** The chunks' bytes: every one that enters or leaves is checked against the hash that names it. */
export interface ChunkDepot {
  /**
   * Makes plain chunks durable and returns the rows to add to the metadata, in
   * the same write as whatever refers to them. Chunks held already are left
   * out. Throws `chunk-corrupt` on bytes that are not what they are named, and
   * `disk-full` where there is no room for what is new.
   */
  keep(chunks: readonly NamedBytes[]): Promise<readonly ChunkRow[]>
  /** The same for chunks in the form they crossed the wire in; they are stored as they came. Large groups are checked on threads. */
  keepFrames(group: SharedFrames): Promise<readonly ChunkRow[]>
  /**
   * The chunk as it is stored, to be passed on. The receiver rehashes. Throws
   * as `plain` does. Its bytes may share memory with those of the same reader.
   */
  frame(row: ChunkRow, reader: object): Promise<ChunkFrame>
  /** Plain bytes, rehashed. Throws `chunk-missing`, or `chunk-corrupt`: the chunk is out of the index then. */
  plain(row: ChunkRow): Promise<Uint8Array>
  /** A content that passed through lately. */
  recent(hash: ChunkId): Uint8Array | undefined
}

/** Frames whose bytes lie in one piece of shared memory, which must stay as it is until they are kept. */
export interface SharedFrames {
  readonly frames: readonly ChunkFrame[]
  readonly workers: HashWorkers
}

/** Up to this, checking bytes here takes less time than having them checked. */
const INLINE_BYTES = 256 * 1024
const RECENT_BYTES = 32 * 1024 * 1024

export interface DepotPorts {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly repair: Pick<Repair, 'found'>
  readonly room: Room
}

export function createChunkDepot({ metadata, packs, repair, room }: DepotPorts): ChunkDepot {
  const recent = createRecentBytes(RECENT_BYTES)

  async function lacking<Chunk extends { readonly hash: ChunkId }>(
    chunks: readonly Chunk[],
  ): Promise<readonly Chunk[]> {
    const distinct = new Map(chunks.map((chunk) => [chunk.hash, chunk]))
    if (distinct.size === 0) return []
    for (const row of await metadata.read((tx) => tx.chunks([...distinct.keys()]))) distinct.delete(row.hash)
    return [...distinct.values()]
  }

  async function append(chunks: readonly StoredChunk[]): Promise<readonly ChunkRow[]> {
    if (chunks.length === 0) return []
    await room.take(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0))
    const locations = await packs.append(chunks)
    return chunks.map(({ hash, size, compressed }, index) => {
      const location = locations[index]
      if (location === undefined) throw new SyncError('internal', `the pack store gave no place for chunk ${hash}`)
      return { hash, size, compressed, ...location }
    })
  }

  /** Reads twice before a chunk is taken for damaged: what was wrong may have been the way to it. */
  async function sound<T>(row: ChunkRow, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (!isDamage(error)) throw error
    }
    try {
      return await read()
    } catch (error) {
      // What lies on a disk that is away is not lost.
      if (isDamage(error) && (await packs.isInPlace())) await repair.found([row])
      throw error
    }
  }

  return {
    async keep(chunks) {
      for (const chunk of chunks) {
        verify(chunk)
        recent.put(chunk.hash, chunk.bytes)
      }
      return append((await lacking(chunks)).filter(({ bytes }) => bytes.length > 0).map(packBytes))
    },
    async keepFrames(group) {
      return append(await lacking(await verifyFrames(group)))
    },
    async frame(row, reader) {
      const bytes = await sound(row, () => packs.read(row.hash, row, reader))
      return { hash: row.hash, size: row.size, compressed: row.compressed, bytes }
    },
    async plain(row) {
      return recent.get(row.hash) ?? sound(row, async () => inflate({ ...row, bytes: await packs.read(row.hash, row) }))
    },
    recent: (hash) => recent.get(hash),
  }
}

/** The frames with the checksums that their records want. Throws `chunk-corrupt`. */
async function verifyFrames({ frames, workers }: SharedFrames): Promise<readonly StoredChunk[]> {
  const shared = frames[0]?.bytes.buffer
  const sizeBytes = frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (sizeBytes <= INLINE_BYTES || !(shared instanceof SharedArrayBuffer)) {
    for (const frame of frames) inflate(frame)
    return frames
  }
  const found = await workers.stretches(
    shared,
    frames.map(({ bytes, size, compressed }) => {
      const from = bytes.byteOffset
      return { from, to: from + bytes.length, inflated: compressed ? size : null, checked: true }
    }),
  )
  return frames.map((frame, index) => {
    const { hash, checksum } = found[index] ?? { hash: '', checksum: 0 }
    if (hash !== frame.hash) {
      throw new SyncError('chunk-corrupt', `the bytes that came for chunk ${frame.hash} are others`)
    }
    return { ...frame, checksum }
  })
}

/** Plain bytes of a frame; never more than its head announced. */
function inflate(frame: ChunkFrame): Uint8Array {
  const bytes = frame.compressed ? decompress(frame) : frame.bytes
  if (bytes.length !== frame.size) {
    throw new SyncError(
      'chunk-corrupt',
      `chunk ${frame.hash} has ${bytes.length} bytes where ${frame.size} were announced`,
    )
  }
  verify({ hash: frame.hash, bytes })
  return bytes
}

function decompress(frame: ChunkFrame): Uint8Array {
  try {
    return zstdDecompressSync(frame.bytes, { maxOutputLength: frame.size })
  } catch (cause) {
    throw new SyncError('chunk-corrupt', `chunk ${frame.hash} does not decompress`, { cause })
  }
}

function verify({ hash, bytes }: NamedBytes): void {
  const found = digest('sha256', bytes)
  if (found !== hash) {
    throw new SyncError('chunk-corrupt', `${bytes.length} bytes named ${hash} have the hash ${found}`)
  }
}
