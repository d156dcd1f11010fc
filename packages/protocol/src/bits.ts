/** Answers of yes and no in a row, eight a byte, the first in the lowest bit. */
export function encodeBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(bitBytes(bits.length))
  bits.forEach((bit, at) => {
    if (bit) bytes[at >>> 3] = (bytes[at >>> 3] ?? 0) | (1 << (at & 7))
  })
  return bytes
}

/** The answer at a position; no behind the end. */
export function bitAt(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at >>> 3] ?? 0) & (1 << (at & 7))) !== 0
}

/** The bytes that so many answers take. */
export function bitBytes(count: number): number {
  return (count + 7) >>> 3
}
