import { strongHash, weakHash } from './block-hash.ts'

/** Bytes of a signature for each block: the weak checksum and the strong one, 32 bits each, big-endian. */
export const SIGNATURE_BYTES = 8

/**
 * The signature of a stretch of bytes: `SIGNATURE_BYTES` a block, in order,
 * the last block may be short. Whoever has it and not the bytes can tell where
 * other bytes repeat a block.
 */
export function signBlocks(bytes: Uint8Array, blockBytes: number): Uint8Array {
  checkBlockBytes(blockBytes)
  const signature = new Uint8Array(blockCount(bytes.length, blockBytes) * SIGNATURE_BYTES)
  const view = new DataView(signature.buffer)
  for (let block = 0, from = 0; from < bytes.length; block++, from += blockBytes) {
    const to = Math.min(from + blockBytes, bytes.length)
    view.setInt32(block * SIGNATURE_BYTES, weakHash(bytes, from, to))
    view.setInt32(block * SIGNATURE_BYTES + 4, strongHash(bytes, from, to))
  }
  return signature
}

/**
 * A block size for a region of this many bytes, within what
 * `SignaturesRequestSchema` allows. Up to 256 KiB the signature is about twice
 * as large as the bytes that one edit spoils at its edges; larger regions stand
 * for many chunks that each have an edit, so blocks grow no further.
 */
export function signatureBlockBytes(regionBytes: number): number {
  const balanced = Math.sqrt((regionBytes * SIGNATURE_BYTES) / 2)
  return Math.min(Math.max(Math.round(balanced / 64) * 64, LEAST_BLOCK_BYTES), MOST_BLOCK_BYTES)
}

const LEAST_BLOCK_BYTES = 256
const MOST_BLOCK_BYTES = 1024

export function blockCount(regionBytes: number, blockBytes: number): number {
  return Math.ceil(regionBytes / blockBytes)
}

export function checkBlockBytes(blockBytes: number): void {
  if (!Number.isInteger(blockBytes) || blockBytes < 1) throw new RangeError(`blocks of ${blockBytes} bytes`)
}
