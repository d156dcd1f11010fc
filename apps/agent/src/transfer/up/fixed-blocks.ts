import { crc32 } from 'node:zlib'

/** The blocks of which a sync of fixed blocks would tell whether they changed. */
export const FIXED_BLOCK_BYTES = 128 * 1024

export interface FixedBlocks {
  /** Takes the next bytes of a content. */
  update(bytes: Uint8Array): void
  /** CRC-32 of each block, four bytes big-endian; the last block may be short. */
  finish(): Uint8Array
}

/** Checksums of a content's fixed blocks, from bytes in pieces of any size. */
export function createFixedBlocks(): FixedBlocks {
  const done: number[] = []
  let open = 0
  let filled = 0
  return {
    update(bytes) {
      let at = 0
      while (at < bytes.length) {
        const piece = bytes.subarray(at, at + FIXED_BLOCK_BYTES - filled)
        open = crc32(piece, open)
        filled += piece.length
        at += piece.length
        if (filled === FIXED_BLOCK_BYTES) close()
      }
    },
    finish() {
      if (filled > 0) close()
      return encodeChecksums(done)
    },
  }

  function close(): void {
    done.push(open)
    open = 0
    filled = 0
  }
}

/** Four bytes big-endian each. */
export function encodeChecksums(checksums: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(checksums.length * 4)
  const view = new DataView(bytes.buffer)
  checksums.forEach((checksum, index) => view.setUint32(index * 4, checksum))
  return bytes
}
