/** What a directory's entries can be sorted by. */
export type ListingOrder = 'name' | 'size' | 'changed'

/** What a listing's order looks at. */
export interface Listed {
  readonly isDirectory: boolean
  readonly name: string
  /** Bytes; of a directory, of all that is in it. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly changedMs: number
}

/**
 * A text that sorts, by code points, as people sort names: without regard to
 * case and accents, and numbers in a name by their value ("file2" before
 * "file10"). Different names may share one: the name itself decides then.
 */
export function naturalKey(name: string): string {
  // A store computes this with every entry that it writes: nearly all names are plain.
  const folded = isAscii(name) ? name.toLowerCase() : name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  // The number of digits goes first: among equally many, the order of the digits is that of the numbers.
  return folded.replace(/[0-9]+/g, (digits) => {
    const plain = digits.replace(/^0+(?=.)/, '')
    return String(plain.length).padStart(3, '0') + plain
  })
}

/** The order of a listing: directories first, then by one of their properties, then by name. */
export function compareListed(order: ListingOrder, isDescending: boolean): (a: Listed, b: Listed) => number {
  const byName = (a: Listed, b: Listed): number =>
    comparePoints(naturalKey(a.name), naturalKey(b.name)) || comparePoints(a.name, b.name)
  const by = (a: Listed, b: Listed): number => {
    if (order === 'size') return a.size - b.size || byName(a, b)
    return order === 'changed' ? a.changedMs - b.changedMs || byName(a, b) : byName(a, b)
  }
  return (a, b) => {
    if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1
    return isDescending ? by(b, a) : by(a, b)
  }
}

/** By code points, as UTF-8 bytes compare. JavaScript alone compares by halves of surrogate pairs. */
export function comparePoints(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  for (let at = 0; at < most; at++) {
    const x = a.charCodeAt(at)
    const y = b.charCodeAt(at)
    if (x === y) continue
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return 0xd800 <= unit && unit <= 0xdfff
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
