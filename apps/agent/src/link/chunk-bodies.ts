import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { SyncError, chunkFrameParts, type ChunkFrame, type NamedBytes } from '@causeway/protocol'

const compress = promisify(zstdCompress)

// Level 1: chunks are stored as they are sent, and on a fast link a higher level costs more time than its bytes save.
const COMPRESS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const SAMPLE_BYTES = 4 * 1024
/** Compression must save at least a sixteenth to be worth undoing on every read. */
const WORTH_IT = 15 / 16

/** A request body of frames, in pieces that are not copied. Chunks that do not shrink travel plain. */
export async function packChunks(chunks: readonly NamedBytes[]): Promise<readonly Uint8Array[]> {
  const frames = await Promise.all(chunks.map(packChunk))
  return frames.flatMap((frame) => chunkFrameParts(frame))
}

/** Undoes one frame and checks it against its hash. Throws `chunk-corrupt`. */
export function openFrame(frame: ChunkFrame): NamedBytes {
  const bytes = frame.compressed ? inflate(frame) : frame.bytes
  if (bytes.length !== frame.size || hash('sha256', bytes) !== frame.hash) {
    throw new SyncError('chunk-corrupt', `the bytes that came for chunk ${frame.hash} are others`)
  }
  return { hash: frame.hash, bytes }
}

async function packChunk(chunk: NamedBytes): Promise<ChunkFrame> {
  const plain: ChunkFrame = { hash: chunk.hash, size: chunk.bytes.length, compressed: false, bytes: chunk.bytes }
  if (!mayShrink(chunk.bytes)) return plain
  const packed = await compress(chunk.bytes, COMPRESS)
  if (packed.length >= chunk.bytes.length * WORTH_IT) return plain
  return { ...plain, compressed: true, bytes: packed }
}

/** Tries a small sample from the middle: already compressed bytes show there at once. */
function mayShrink(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false
  if (bytes.length <= SAMPLE_BYTES * 2) return true
  const from = Math.floor((bytes.length - SAMPLE_BYTES) / 2)
  return zstdCompressSync(bytes.subarray(from, from + SAMPLE_BYTES), COMPRESS).length < SAMPLE_BYTES * WORTH_IT
}

function inflate(frame: ChunkFrame): Uint8Array {
  try {
    return zstdDecompressSync(frame.bytes, { maxOutputLength: frame.size })
  } catch (cause) {
    throw new SyncError('chunk-corrupt', `the bytes that came for chunk ${frame.hash} do not inflate`, { cause })
  }
}
