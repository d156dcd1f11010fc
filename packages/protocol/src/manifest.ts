import { isChunkId, onlyChunkOf, type ChunkId, type ContentHash } from './ids.ts'
import { LIMITS } from './limits.ts'

/** One slice of a content: the SHA-256 of its plain bytes, and how many they are. */
export interface ChunkRef {
  readonly hash: ChunkId
  readonly size: number
}

/**
 * The ordered chunks of one content. A content of up to `LIMITS.inlineBytes`
 * is one chunk whose hash is the content's own; the empty content has none.
 */
export type Manifest = readonly ChunkRef[]

const RECORD_BYTES = 36

/** 36 bytes a chunk: its hash, then its size as an unsigned 32-bit big-endian number. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const bytes = new Uint8Array(manifest.length * RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  manifest.forEach((chunk, index) => {
    const at = index * RECORD_BYTES
    for (let i = 0; i < 32; i++) bytes[at + i] = (digitAt(chunk.hash, i * 2) << 4) | digitAt(chunk.hash, i * 2 + 1)
    view.setUint32(at + 32, chunk.size)
  })
  return bytes
}

/** The reverse. Throws a `RangeError` on bytes that no manifest encodes to. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.length % RECORD_BYTES !== 0) throw new RangeError(`a manifest of ${bytes.length} bytes is cut short`)
  const count = bytes.length / RECORD_BYTES
  if (count > LIMITS.chunksPerManifest) throw new RangeError(`a manifest of ${count} chunks is too long`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: count }, (_, index) => {
    const at = index * RECORD_BYTES
    const size = view.getUint32(at + 32)
    if (size === 0 || size > LIMITS.chunkBytes) throw new RangeError(`chunk ${index} claims ${size} bytes`)
    return { hash: hexOf(bytes, at), size }
  })
}

/** The manifest of a content that travels whole: one chunk, or none where it is empty. */
export function singleChunkManifest(content: ContentHash, size: number): Manifest {
  return size === 0 ? [] : [{ hash: onlyChunkOf(content), size }]
}

const DIGITS = new TextEncoder().encode('0123456789abcdef')
const LETTERS_FROM = 'a'.charCodeAt(0)
const ascii = new TextDecoder()
const text = new Uint8Array(64)

/** Lists have hundreds of thousands of hashes: joining digit by digit would take ten times as long. */
function hexOf(bytes: Uint8Array, at: number): ChunkId {
  for (let i = 0; i < 32; i++) {
    const byte = bytes[at + i] ?? 0
    text[i * 2] = DIGITS[byte >>> 4] ?? 0
    text[i * 2 + 1] = DIGITS[byte & 15] ?? 0
  }
  const hex = ascii.decode(text)
  if (!isChunkId(hex)) throw new RangeError('not a hash')
  return hex
}

/** The value of a lower-case hexadecimal digit. */
function digitAt(hash: ChunkId, at: number): number {
  const code = hash.charCodeAt(at)
  return code >= LETTERS_FROM ? code - LETTERS_FROM + 10 : code - 48
}
