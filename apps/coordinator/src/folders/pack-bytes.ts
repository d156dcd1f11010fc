import { constants, zstdCompressSync } from 'node:zlib'
import type { NamedBytes } from '@causeway/protocol'
import type { StoredChunk } from '@causeway/store'

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const SAMPLE_BYTES = 4 * 1024
/** What a frame would save of a smaller one is not worth the time: most files of a source tree are smaller. */
const SMALL_BYTES = 1024
/** Less gain than a sixteenth is not worth a decompression at every read. */
const WORTH_IT = 15 / 16

/** The stored form of a chunk: a zstd frame where that pays, else the plain bytes. */
export function packBytes({ hash, bytes }: NamedBytes): StoredChunk {
  const plain = { hash, size: bytes.length, compressed: false, bytes }
  if (!mayShrink(bytes)) return plain
  const packed = zstdCompressSync(bytes, LEVEL)
  return packed.length < bytes.length * WORTH_IT ? { ...plain, compressed: true, bytes: packed } : plain
}

/** A sample from the middle tells compressed media from text, for a fraction of the cost. */
function mayShrink(bytes: Uint8Array): boolean {
  if (bytes.length < SMALL_BYTES) return false
  if (bytes.length <= SAMPLE_BYTES * 2) return true
  const from = (bytes.length - SAMPLE_BYTES) >>> 1
  return zstdCompressSync(bytes.subarray(from, from + SAMPLE_BYTES), LEVEL).length < SAMPLE_BYTES * WORTH_IT
}
