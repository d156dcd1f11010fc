import { BASE, leavingFactor, strongHash, weakHash } from './block-hash.ts'
import { copyWriter } from './copy-instructions.ts'
import { blockCount, checkBlockBytes, SIGNATURE_BYTES } from './signature.ts'

/**
 * Instructions that make `bytes` from the region which the signature was made
 * of: blocks of the region are found at any offset, neighbouring ones become
 * one copy, the rest is literal. Throws a `RangeError` on a signature that
 * does not belong to a region and blocks of such sizes.
 */
export function copiesAgainst(
  signature: Uint8Array,
  blockBytes: number,
  regionBytes: number,
  bytes: Uint8Array,
): Uint8Array {
  const blocks = readSignature(signature, blockBytes, regionBytes)
  const writer = copyWriter(bytes)
  const factor = leavingFactor(blockBytes)
  // A forged signature whose weak half always agrees would cost a block's work at each byte.
  let wasteBytes = 16 * bytes.length + 64 * blockBytes
  /** The block that follows the last copy, or `-1`. */
  let expected = 0

  const isBlockAt = (block: number, at: number, weak: number): boolean => {
    const length = blocks.lengthOf(block)
    if (at + length > bytes.length || blocks.weak(block) !== weak) return false
    if (blocks.strong(block) === strongHash(bytes, at, at + length)) return true
    wasteBytes -= length
    return false
  }
  const take = (block: number, at: number): number => {
    writer.copy(at, block * blockBytes, blocks.lengthOf(block))
    expected = block + 1 < blocks.count ? block + 1 : -1
    return at + blocks.lengthOf(block)
  }

  let at = 0
  while (at < bytes.length && wasteBytes > 0) {
    if (expected !== -1) {
      const length = blocks.lengthOf(expected)
      if (at + length <= bytes.length && isBlockAt(expected, at, weakHash(bytes, at, at + length))) {
        at = take(expected, at)
        continue
      }
      expected = -1
    }
    if (at + blockBytes > bytes.length) break
    let weak = weakHash(bytes, at, at + blockBytes)
    let found = -1
    for (;;) {
      found = blocks.find(weak, (block) => isBlockAt(block, at, weak))
      if (found !== -1 || at + blockBytes >= bytes.length || wasteBytes <= 0) break
      const leaving = Math.imul((bytes[at] ?? 0) + 1, factor)
      weak = (Math.imul(weak, BASE) + (bytes[at + blockBytes] ?? 0) + 1 - leaving) | 0
      at++
    }
    if (found === -1) break
    at = take(found, at)
  }
  takeTail()
  return writer.finish()

  /** The region's last block is short as a rule: it is looked for where it most likely is, at the very end. */
  function takeTail(): void {
    const last = blocks.count - 1
    if (last < 0) return
    const from = bytes.length - blocks.lengthOf(last)
    if (from < writer.end() || blocks.lengthOf(last) === blockBytes) return
    if (isBlockAt(last, from, weakHash(bytes, from, bytes.length))) take(last, from)
  }
}

interface Blocks {
  readonly count: number
  lengthOf(block: number): number
  weak(block: number): number
  strong(block: number): number
  /** The first whole block with this weak checksum that is accepted, or `-1`; at most `MOST_TRIED` are offered. */
  find(weak: number, accept: (block: number) => boolean): number
}

const MOST_TRIED = 8

function readSignature(signature: Uint8Array, blockBytes: number, regionBytes: number): Blocks {
  checkBlockBytes(blockBytes)
  const count = blockCount(regionBytes, blockBytes)
  if (signature.length !== count * SIGNATURE_BYTES) {
    throw new RangeError(`a signature of ${signature.length} bytes for ${regionBytes} bytes in blocks of ${blockBytes}`)
  }
  const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength)
  const weak = Int32Array.from({ length: count }, (_, block) => view.getInt32(block * SIGNATURE_BYTES))
  const strong = Int32Array.from({ length: count }, (_, block) => view.getInt32(block * SIGNATURE_BYTES + 4))
  const whole = Math.floor(regionBytes / blockBytes)

  // Open addressing, a quarter full at most; the same block is entered once.
  const bits = Math.max(4, Math.ceil(Math.log2(whole * 4 + 1)))
  const mask = 2 ** bits - 1
  const slots = new Int32Array(mask + 1).fill(-1)
  for (let block = 0; block < whole; block++) {
    let slot = slotOf(weak[block] ?? 0)
    for (let tried = 0; tried < MOST_TRIED; tried++, slot = (slot + 1) & mask) {
      const there = slots[slot] ?? -1
      if (there === -1) slots[slot] = block
      if (there === -1 || (weak[there] === weak[block] && strong[there] === strong[block])) break
    }
  }
  function slotOf(hash: number): number {
    return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> (32 - bits)
  }

  return {
    count,
    lengthOf: (block) => Math.min(blockBytes, regionBytes - block * blockBytes),
    weak: (block) => weak[block] ?? 0,
    strong: (block) => strong[block] ?? 0,
    find(hash, accept) {
      let slot = slotOf(hash)
      for (let tried = 0; tried < MOST_TRIED; tried++, slot = (slot + 1) & mask) {
        const block = slots[slot] ?? -1
        if (block === -1) return -1
        if (weak[block] === hash && accept(block)) return block
      }
      return -1
    },
  }
}
