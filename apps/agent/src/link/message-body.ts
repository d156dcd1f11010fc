import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { SyncError, encode, mostInflated } from '@causeway/protocol'

export const CBOR_TYPE = 'application/cbor'

const compressLater = promisify(zstdCompress)
const decompressLater = promisify(zstdDecompress)

/** Below this a body is sent as it is: a frame would save nothing. */
const COMPRESS_FROM_BYTES = 1024
/** Up to this, compressing at once costs less than a trip through the thread pool. */
const AT_ONCE_BYTES = 32 * 1024
const COMPRESS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

export interface PackedBody {
  readonly bytes: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** One message as a request body: CBOR, and one zstd frame where that is smaller, but not by so much that it would be refused. */
export async function packMessage(message: unknown): Promise<PackedBody> {
  const plain = encode(message)
  const headers = { 'content-type': CBOR_TYPE, accept: CBOR_TYPE, 'accept-encoding': 'zstd' }
  if (plain.length < COMPRESS_FROM_BYTES) return { bytes: plain, headers }
  const packed =
    plain.length <= AT_ONCE_BYTES ? zstdCompressSync(plain, COMPRESS) : await compressLater(plain, COMPRESS)
  if (packed.length >= plain.length || plain.length > mostInflated(packed.length)) return { bytes: plain, headers }
  return { bytes: packed, headers: { ...headers, 'content-encoding': 'zstd' } }
}

/** The plain bytes of a body. Throws `protocol-mismatch` on an encoding not asked for, or one that does not inflate within bounds. */
export async function unpackBody(bytes: Uint8Array, encoding: string, what: string): Promise<Uint8Array> {
  if (encoding === '' || encoding === 'identity') return bytes
  if (encoding !== 'zstd') throw new SyncError('protocol-mismatch', `${what} came in the encoding "${encoding}"`)
  const bounds = { maxOutputLength: mostInflated(bytes.length) }
  try {
    return bytes.length <= AT_ONCE_BYTES / 4 ? zstdDecompressSync(bytes, bounds) : await decompressLater(bytes, bounds)
  } catch (cause) {
    throw new SyncError('protocol-mismatch', `${what} does not inflate`, { cause })
  }
}
