import type { ChunkList } from '@causeway/replica'
import { FIXED_BLOCK_BYTES } from './fixed-blocks.ts'

/**
 * What a sync of fixed blocks would send for a content of this size: the
 * blocks that differ from the base's block at the same place. All of it where
 * there is no base; null where the base's blocks are not known.
 */
export function fixedBlockBytes(
  base: ChunkList | null,
  next: { readonly fixedBlocks: Uint8Array; readonly sizeBytes: number },
): number | null {
  if (base === null) return next.sizeBytes
  const before = base.fixedBlocks
  if (before === null) return null
  let bytes = 0
  for (let at = 0, offset = 0; offset < next.sizeBytes; at += CHECKSUM_BYTES, offset += FIXED_BLOCK_BYTES) {
    if (!sameChecksum(before, next.fixedBlocks, at)) bytes += Math.min(FIXED_BLOCK_BYTES, next.sizeBytes - offset)
  }
  return bytes
}

const CHECKSUM_BYTES = 4

function sameChecksum(a: Uint8Array, b: Uint8Array, at: number): boolean {
  for (let index = at; index < at + CHECKSUM_BYTES; index++) if (a[index] !== b[index]) return false
  return at + CHECKSUM_BYTES <= a.length
}
