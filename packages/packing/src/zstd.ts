import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress, type ZstdOptions } from 'node:zlib'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** One zstd frame, made off the main thread. */
export async function deflate(bytes: Uint8Array, options: ZstdOptions): Promise<Uint8Array> {
  // The output in one piece: each further piece is another way to the thread pool and back.
  return compress(bytes, { ...options, chunkSize: Math.max(64, bytes.length + (bytes.length >>> 7) + 512) })
}

/**
 * Undoes one frame off the main thread. Rejects if it is broken, would need a
 * window over 8 MiB, or makes more than `mostBytes`.
 */
export async function inflate(frame: Uint8Array, mostBytes: number, dictionary?: Uint8Array): Promise<Uint8Array> {
  return decompress(frame, {
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MOST },
    maxOutputLength: Math.max(1, mostBytes),
    chunkSize: Math.max(64, mostBytes + 1),
    ...(dictionary !== undefined && { dictionary }),
  })
}

/** No frame needs a window larger than the bytes of a delta (`LIMITS.deltaBytes`); a forged one must not claim one. */
export const WINDOW_LOG_MOST = 23
