import { SyncError } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { HashingWriter } from '../hashing-writer.ts'

const PIECE_BYTES = 2 * 1024 * 1024
const BLOCK_BYTES = 64 * 1024
/** Zeros that are taken at once: they are hashed like all else, and whoever waits may want to stop. */
const HOLE_BYTES = 64 * 1024 * 1024
const ZEROS = new Uint8Array(1024 * 1024)

/** Copies bytes of open files to staged ones: the next piece is read while one is written. To be used for one copy at a time. */
export class Copier {
  readonly #buffers = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)]

  /** Leaves runs of zeros out. Throws `io-error` where the file ends before; some of it is written then. */
  async copy(
    file: OpenFile,
    { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number },
    writer: HashingWriter,
    onCopied: (bytes: number) => void,
  ): Promise<void> {
    const end = offset + sizeBytes
    let turn = 0

    async function read(buffer: Uint8Array, at: number): Promise<Piece> {
      const bytes = buffer.subarray(0, Math.min(PIECE_BYTES, end - at))
      const count = await file.readInto(bytes, at)
      if (count === bytes.length) return { bytes, length: bytes.length }
      throw new SyncError('io-error', `a file here ended ${bytes.length - count} bytes before its copy`)
    }

    const pieceAt = async (at: number): Promise<Piece> => {
      const data = Math.min(file.dataFrom(at), end, at + HOLE_BYTES)
      if (data > at) return { bytes: null, length: data - at }
      return read(this.#buffers[turn++ % 2] ?? Buffer.alloc(PIECE_BYTES), at)
    }

    let next = pieceAt(offset)
    try {
      for (let at = offset; at < end;) {
        const { bytes, length } = await next
        at += length
        if (at < end) next = pieceAt(at)
        await (bytes === null ? writer.skip(length) : writeSparsely(writer, bytes))
        onCopied(length)
      }
    } finally {
      // The file must not be closed under a read.
      await next.catch(() => undefined)
    }
  }
}

/** Bytes, or so many zeros that were not read. */
interface Piece {
  readonly bytes: Uint8Array | null
  readonly length: number
}

/** Writes bytes, leaving holes where long runs of them are zero. */
export async function writeSparsely(writer: HashingWriter, bytes: Uint8Array): Promise<void> {
  let from = 0
  for (let at = 0; at < bytes.length;) {
    const length = zerosFrom(bytes, at)
    if (length > 0) {
      if (from < at) await writer.write(bytes.subarray(from, at))
      await writer.skip(length)
      from = at + length
    }
    at += Math.max(length, BLOCK_BYTES)
  }
  if (from < bytes.length) await writer.write(from === 0 ? bytes : bytes.subarray(from))
}

/** How many whole blocks of zeros begin here. */
function zerosFrom(bytes: Uint8Array, from: number): number {
  let at = from
  while (at + BLOCK_BYTES <= bytes.length && isZero(bytes.subarray(at, at + BLOCK_BYTES))) at += BLOCK_BYTES
  return at - from
}

function isZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) === 0
}
