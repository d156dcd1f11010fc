import { LIMITS } from './limits.ts'

/**
 * Says why bytes are not one message as we write them, or null. It goes over them once and allocates nothing that they
 * ask for. Whatever we never write is refused, not interpreted: tags above all, since a decoder takes them as an order to
 * do something (build a number of a million digits, an error, a regular expression, a class with given fields).
 */
export function scanCbor(bytes: Uint8Array): string | null {
  /** Items still to come at each level, the outermost first. */
  const toCome = new Float64Array(LIMITS.nesting + 1)
  let level = 0
  let at = 0
  toCome[0] = 1
  while (level >= 0) {
    const left = toCome[level] ?? 0
    if (left === 0) {
      level--
      continue
    }
    toCome[level] = left - 1
    const head = bytes[at++]
    if (head === undefined) return 'it ends too early'
    const major = head >> 5
    const short = head & 0b11111
    if (major === TAG) return 'it holds a tag'
    if (short > EIGHT_BYTES) return 'it holds something of unknown length'
    const width = short < ONE_BYTE ? 0 : 1 << (short - ONE_BYTE)
    if (at + width > bytes.length) return 'it ends too early'
    if (major < BYTES || major > MAP) {
      at += width
      continue
    }
    const count = width === 0 ? short : unsigned(bytes, at, width)
    at += width
    // Every item takes a byte at least.
    if (count > bytes.length - at) return 'it ends too early'
    if (major === BYTES || major === TEXT) {
      at += count
      continue
    }
    if (level === LIMITS.nesting) return `it is nested deeper than ${LIMITS.nesting} levels`
    toCome[++level] = major === MAP ? count * 2 : count
  }
  return at === bytes.length ? null : 'more comes after its end'
}

const BYTES = 2
const TEXT = 3
const MAP = 5
const TAG = 6
/** From here on, the low bits of a head say how many bytes the number behind it has. */
const ONE_BYTE = 24
const EIGHT_BYTES = 27

function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let index = 0; index < width; index++) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}
