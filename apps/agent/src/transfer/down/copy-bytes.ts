import { SyncError } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { HashingWriter, LentBytes } from './hashing-writer.ts'

const BLOCK_BYTES = 64 * 1024
/** Zeros that are taken at once: they are hashed like all else, and whoever waits may want to stop. */
const HOLE_BYTES = 64 * 1024 * 1024
const ZEROS = new Uint8Array(BLOCK_BYTES)

/**
 * Copies bytes of an open file to a staged one: the next piece is read while
 * one is written. Leaves runs of zeros out. Throws `io-error` where the file
 * ends before; some of it is written then.
 */
export async function copyBytes(
  file: OpenFile,
  { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number },
  writer: HashingWriter,
  onCopied: (bytes: number) => void,
): Promise<void> {
  const end = offset + sizeBytes

  async function read(lent: LentBytes, at: number): Promise<Piece> {
    const bytes = lent.bytes.subarray(0, Math.min(lent.bytes.length, end - at))
    try {
      const count = await file.readInto(bytes, at)
      if (count === bytes.length) return { lent, length: count }
      throw new SyncError('io-error', `a file here ended ${bytes.length - count} bytes before its copy`)
    } catch (error) {
      lent.release()
      throw error
    }
  }

  function pieceFrom(at: number): Promise<Piece> | undefined {
    return at < end ? pieceAt(at) : undefined
  }

  async function pieceAt(at: number): Promise<Piece> {
    const data = Math.min(file.dataFrom(at), end, at + HOLE_BYTES)
    return data > at ? { lent: null, length: data - at } : read(writer.lend(), at)
  }

  let at = offset
  let next = pieceFrom(at)
  try {
    while (next !== undefined) {
      const { lent, length }: Piece = await next
      at += length
      next = pieceFrom(at)
      if (lent === null) await writer.skip(length)
      else await appendSparsely(writer, lent, length)
      onCopied(length)
    }
  } finally {
    // The file must not be closed under a read.
    const unused = await next?.catch(() => undefined)
    unused?.lent?.release()
  }
}

/** Bytes, or so many zeros that were not read. */
interface Piece {
  readonly lent: LentBytes | null
  readonly length: number
}

async function appendSparsely(writer: HashingWriter, lent: LentBytes, length: number): Promise<void> {
  try {
    for (const { from, to, isZero } of stretchesOf(lent.bytes.subarray(0, length))) {
      await (isZero ? writer.skip(to - from) : lent.append(from, to))
    }
  } finally {
    lent.release()
  }
}

/** Writes bytes, leaving holes where long runs of them are zero. */
export async function writeSparsely(writer: HashingWriter, bytes: Uint8Array): Promise<void> {
  for (const { from, to, isZero } of stretchesOf(bytes)) {
    await (isZero ? writer.skip(to - from) : writer.write(bytes.subarray(from, to)))
  }
}

interface Stretch {
  readonly from: number
  readonly to: number
  /** True for whole blocks of zeros. */
  readonly isZero: boolean
}

function* stretchesOf(bytes: Uint8Array): Generator<Stretch> {
  let from = 0
  for (let at = 0; at < bytes.length;) {
    const length = zerosFrom(bytes, at)
    if (length > 0) {
      if (from < at) yield { from, to: at, isZero: false }
      yield { from: at, to: at + length, isZero: true }
      from = at + length
    }
    at += Math.max(length, BLOCK_BYTES)
  }
  if (from < bytes.length) yield { from, to: bytes.length, isZero: false }
}

/** How many bytes of whole blocks of zeros begin here. */
function zerosFrom(bytes: Uint8Array, from: number): number {
  let at = from
  while (at + BLOCK_BYTES <= bytes.length && isZeroBlock(bytes.subarray(at, at + BLOCK_BYTES))) at += BLOCK_BYTES
  return at - from
}

function isZeroBlock(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && Buffer.compare(bytes, ZEROS) === 0
}
