import { SyncError } from './error-codes.ts'
import { isChunkId, type ChunkId } from './ids.ts'
import { LIMITS } from './limits.ts'

/** The media type of a body made of chunk frames. */
export const CHUNK_FRAMES_TYPE = 'application/vnd.causeway.chunks'

/** One chunk as it crosses the wire: in its stored form, which neither side packs again. */
export interface ChunkFrame {
  readonly hash: ChunkId
  /** Plain bytes: 1 to `LIMITS.chunkBytes`. */
  readonly size: number
  /** True if `bytes` is one zstd frame, false if it is the plain bytes. */
  readonly compressed: boolean
  readonly bytes: Uint8Array
}

/** Hash (32 bytes), plain size (u32), stored size (u32), flags (1 byte; bit 0: zstd); big-endian. The bytes follow. */
export const CHUNK_FRAME_HEADER_BYTES = 41

const COMPRESSED = 1

/** The header and the bytes of one frame, to be sent one after the other; the bytes are not copied. */
export function chunkFrameParts(chunk: ChunkFrame): readonly [header: Uint8Array, bytes: Uint8Array] {
  const header = new Uint8Array(CHUNK_FRAME_HEADER_BYTES)
  for (let i = 0; i < 32; i++) header[i] = (digit(chunk.hash, i * 2) << 4) | digit(chunk.hash, i * 2 + 1)
  const view = new DataView(header.buffer)
  view.setUint32(32, chunk.size)
  view.setUint32(36, chunk.bytes.length)
  header[40] = chunk.compressed ? COMPRESSED : 0
  return [header, chunk.bytes]
}

/** One frame in one piece. */
export function encodeChunkFrame(chunk: ChunkFrame): Uint8Array {
  const [header, bytes] = chunkFrameParts(chunk)
  const frame = new Uint8Array(header.length + bytes.length)
  frame.set(header)
  frame.set(bytes, header.length)
  return frame
}

/**
 * Reads frames from a stream, whatever pieces it comes in, and holds no more
 * than one frame and one piece. Throws `bad-request` on a header that no chunk
 * has (before anything is allocated for it) and on a stream that ends inside a
 * frame. Nothing is decompressed or rehashed here: the caller must do both.
 * `allocate` gives the memory for each frame's bytes, in the order of frames.
 */
export async function* decodeChunkFrames(
  stream: AsyncIterable<Uint8Array>,
  allocate: (sizeBytes: number) => Uint8Array = (sizeBytes) => new Uint8Array(sizeBytes),
): AsyncIterable<ChunkFrame> {
  const header = new Uint8Array(CHUNK_FRAME_HEADER_BYTES)
  let headerFilled = 0
  let frame: { head: FrameHead; bytes: Uint8Array; filled: number } | undefined
  for await (const piece of stream) {
    let at = 0
    while (at < piece.length) {
      if (frame === undefined) {
        const taken = Math.min(header.length - headerFilled, piece.length - at)
        header.set(piece.subarray(at, at + taken), headerFilled)
        headerFilled += taken
        at += taken
        if (headerFilled < header.length) break
        const head = readHead(header)
        frame = { head, bytes: allocate(head.storedSize), filled: 0 }
        headerFilled = 0
      }
      const taken = Math.min(frame.bytes.length - frame.filled, piece.length - at)
      frame.bytes.set(piece.subarray(at, at + taken), frame.filled)
      frame.filled += taken
      at += taken
      if (frame.filled === frame.bytes.length) {
        const { hash, size, compressed } = frame.head
        yield { hash, size, compressed, bytes: frame.bytes }
        frame = undefined
      }
    }
  }
  if (frame !== undefined || headerFilled > 0) throw new SyncError('bad-request', 'a stream of chunks is cut short')
}

interface FrameHead {
  readonly hash: ChunkId
  readonly size: number
  readonly storedSize: number
  readonly compressed: boolean
}

function readHead(header: Uint8Array): FrameHead {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const size = view.getUint32(32)
  const storedSize = view.getUint32(36)
  const flags = view.getUint8(40)
  if (size === 0 || size > LIMITS.chunkBytes) throw new SyncError('bad-request', `a chunk claims ${size} bytes`)
  if (flags > COMPRESSED) throw new SyncError('bad-request', `a chunk carries unknown flags ${flags}`)
  const compressed = flags === COMPRESSED
  // What does not shrink travels plain, so a stored form is never larger than the chunk.
  const fits = compressed ? storedSize > 0 && storedSize <= size : storedSize === size
  if (!fits) throw new SyncError('bad-request', `a chunk of ${size} bytes claims a stored form of ${storedSize}`)
  return { hash: hashOf(header), size, storedSize, compressed }
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** The value of a lower-case hexadecimal digit. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 0x3a ? code - 0x30 : code - 0x57
}

function hashOf(header: Uint8Array): ChunkId {
  let hex = ''
  for (let i = 0; i < 32; i++) hex += HEX[header[i] ?? 0]
  if (!isChunkId(hex)) throw new SyncError('bad-request', 'a chunk has no hash')
  return hex
}
