import { SyncError, type ChunkFrame, type ChunkId, type NamedBytes } from '@causeway/protocol'
import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { deflate, inflate } from './zstd.ts'

// Level 1: chunks are stored as they are sent, and on a fast link a higher level costs more time than its bytes save.
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const SAMPLE_BYTES = 4 * 1024
/** Compression must save at least a sixteenth to be worth undoing at every read. */
const WORTH_IT = 15 / 16

/** The stored form of a chunk, which is also its form on the wire: a zstd frame where that pays, else the plain bytes. */
export async function packChunk({ hash: name, bytes }: NamedBytes): Promise<ChunkFrame> {
  return frameOf(name, bytes, mayShrink(bytes) ? await deflate(bytes, LEVEL) : undefined)
}

/** The same at once, for chunks so small that a way to another thread and back would take longer. */
export function packChunkSync({ hash: name, bytes }: NamedBytes): ChunkFrame {
  return frameOf(name, bytes, mayShrink(bytes) ? zstdCompressSync(bytes, LEVEL) : undefined)
}

function frameOf(name: ChunkId, bytes: Uint8Array, packed: Uint8Array | undefined): ChunkFrame {
  const pays = packed !== undefined && packed.length < bytes.length * WORTH_IT
  return { hash: name, size: bytes.length, compressed: pays, bytes: pays ? packed : bytes }
}

/** Undoes one frame and checks it against its hash. Throws `chunk-corrupt`. */
export async function openChunk(frame: ChunkFrame): Promise<NamedBytes> {
  const bytes = frame.compressed ? await inflated(frame) : frame.bytes
  if (bytes.length !== frame.size || hash('sha256', bytes) !== frame.hash) {
    throw new SyncError('chunk-corrupt', `the bytes that came for chunk ${frame.hash} are others`)
  }
  return { hash: frame.hash, bytes }
}

/** Guesses by a small sample from the middle: already compressed bytes show there for a fraction of the cost. */
export function mayShrink(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false
  if (bytes.length <= SAMPLE_BYTES * 2) return true
  const from = (bytes.length - SAMPLE_BYTES) >>> 1
  const sample = bytes.subarray(from, from + SAMPLE_BYTES)
  return !isLikeRandom(sample) && zstdCompressSync(sample, LEVEL).length < SAMPLE_BYTES * WORTH_IT
}

/**
 * Sums of the squared counts of each byte value between which 4096 random bytes
 * lie but for one sample in some ten thousands. Above, some values are more
 * frequent than others; below, they are more even than chance.
 */
const RANDOM_LEAST = 68_000
const RANDOM_MOST = 71_300

/** Tells most compressed data for a tenth of what a trial would cost. */
function isLikeRandom(sample: Uint8Array): boolean {
  const counts = new Uint16Array(256)
  let sum = 0
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at] ?? 0
    const count = counts[byte] ?? 0
    counts[byte] = count + 1
    // The square grows by this with each further one.
    sum += 2 * count + 1
  }
  return sum >= RANDOM_LEAST && sum <= RANDOM_MOST
}

async function inflated(frame: ChunkFrame): Promise<Uint8Array> {
  try {
    return await inflate(frame.bytes, frame.size)
  } catch (cause) {
    throw new SyncError('chunk-corrupt', `the bytes that came for chunk ${frame.hash} do not inflate`, { cause })
  }
}
