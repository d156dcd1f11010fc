import { packChunkSync } from '@causeway/packing'
import type { NamedBytes } from '@causeway/protocol'
import type { StoredChunk } from '@causeway/store'

/** What a frame would save of a smaller one is not worth the time: most files of a source tree are smaller. */
const SMALL_BYTES = 1024

/** The stored form of a chunk that came plain: a zstd frame where that pays, else the plain bytes. */
export function packBytes(chunk: NamedBytes): StoredChunk {
  if (chunk.bytes.length >= SMALL_BYTES) return packChunkSync(chunk)
  return { hash: chunk.hash, size: chunk.bytes.length, compressed: false, bytes: chunk.bytes }
}
