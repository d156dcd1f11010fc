import type { Stat } from '../files.ts'

/** The size of `struct statx`. */
export const STATX_BYTES = 256
/** The basic fields and the time of birth. */
export const STATX_MASK = 0x0fff

/** What `struct statx` says (little-endian), in the terms of `toStat`, and whose the entry is. */
export function readStatx(found: BigInt64Array): { readonly stat: Stat; readonly owner: number } {
  const { buffer } = found
  const words = wordsOf(buffer)
  const type = (words[MODE] ?? 0) & FILE_TYPE
  return {
    owner: words[OWNER] ?? 0,
    stat: {
      kind: type === REGULAR ? 'file' : type === DIRECTORY ? 'directory' : type === SYMLINK ? 'symlink' : 'other',
      size: Number(found[SIZE]),
      mode: (words[MODE] ?? 0) & 0o777,
      mtimeNs: timeAt(found, words, MTIME),
      ctimeNs: timeAt(found, words, CTIME),
      inode: BigInt.asUintN(64, found[INODE] ?? 0n),
      birthtimeNs: timeAt(found, words, BIRTH),
      device: deviceOf(words[DEVICE_MAJOR] ?? 0, words[DEVICE_MINOR] ?? 0),
    },
  }
}

// Positions in units of eight bytes, but for those that are read in four.
const INODE = 4
const SIZE = 5
const BIRTH = 10
const CTIME = 12
const MTIME = 14
const OWNER = 5
const MODE = 7
const DEVICE_MAJOR = 34
const DEVICE_MINOR = 35

const FILE_TYPE = 0o170000
const REGULAR = 0o100000
const DIRECTORY = 0o040000
const SYMLINK = 0o120000
const BILLION = 1_000_000_000n

let lastBuffer: ArrayBufferLike | undefined
let lastWords: Uint32Array = new Uint32Array()

/** The same memory in words of four bytes; there is one such buffer, as a rule. */
function wordsOf(buffer: ArrayBufferLike): Uint32Array {
  if (buffer !== lastBuffer) {
    lastBuffer = buffer
    lastWords = new Uint32Array(buffer)
  }
  return lastWords
}

function timeAt(found: BigInt64Array, words: Uint32Array, at: number): bigint {
  return (found[at] ?? 0n) * BILLION + BigInt(words[at * 2 + 2] ?? 0)
}

let lastMajor = -1
let lastMinor = -1
let lastDevice = 0n

/** As the C library puts the two together. */
function deviceOf(major: number, minor: number): bigint {
  if (major !== lastMajor || minor !== lastMinor) {
    const a = BigInt(major)
    const b = BigInt(minor)
    lastMajor = major
    lastMinor = minor
    lastDevice = ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn)
  }
  return lastDevice
}
