/**
 * The weak checksum of a block: its bytes, each plus one, as digits of a number
 * in base `BASE`, modulo 2^32. It rolls: one byte further it is the same times
 * `BASE`, plus what enters, minus what leaves times `leavingFactor`.
 */
export function weakHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0
  for (let at = from; at < to; at++) hash = (Math.imul(hash, BASE) + (bytes[at] ?? 0) + 1) | 0
  return hash
}

/** Odd, so that no byte of a window is ever shifted out of it. */
export const BASE = 0x08104225

/** What the byte that leaves a window of this length has been multiplied by: `BASE ** length`. */
export function leavingFactor(length: number): number {
  let factor = 1
  for (let square = BASE, rest = length; rest > 0; rest >>>= 1, square = Math.imul(square, square)) {
    if (rest & 1) factor = Math.imul(factor, square)
  }
  return factor
}

/**
 * The strong one: MurmurHash3 (x86, 32 bits) with a seed of its own. Together they tell blocks apart where nobody
 * means harm; every chunk that is rebuilt from blocks is rehashed with SHA-256, so a clash costs one chunk sent whole.
 */
export function strongHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x63617573
  let at = from
  for (; at + 4 <= to; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
    hash ^= scrambled(word)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let shift = 0; at < to; at++, shift += 8) tail |= (bytes[at] ?? 0) << shift
  hash ^= scrambled(tail) ^ (to - from)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
