/** Unsigned numbers below 2^32 in 1 to 5 bytes: 7 bits a byte, the lowest first, the top bit says that more follow. */
export function pushVarint(out: number[], value: number): void {
  let rest = value >>> 0
  while (rest > 127) {
    out.push((rest & 127) | 128)
    rest >>>= 7
  }
  out.push(rest)
}

/** Reads what `pushVarint` and `toSigned` wrote. Every read throws a `RangeError` behind the end or on an overlong number. */
export function varintReader(bytes: Uint8Array): VarintReader {
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = bytes[at]
      if (byte === undefined) throw new RangeError('a number is cut short')
      at++
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value > 0xffffffff) break
        return value
      }
    }
    throw new RangeError('a number is too long')
  }
  return {
    position: () => at,
    atEnd: () => at >= bytes.length,
    varint,
    signed: () => {
      const value = varint()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    take: (count) => {
      if (count > bytes.length - at)
        throw new RangeError(`${count} bytes are announced, ${bytes.length - at} are there`)
      at += count
      return bytes.subarray(at - count, at)
    },
  }
}

export interface VarintReader {
  /** How many bytes have been read. */
  position(): number
  atEnd(): boolean
  varint(): number
  /** A number that was folded by `folded`: -2^31 to 2^31 - 1. */
  signed(): number
  /** The next bytes themselves, not copied. */
  take(count: number): Uint8Array
}

/** Folds a signed number into an unsigned one, small ones into small ones: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
export function folded(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
