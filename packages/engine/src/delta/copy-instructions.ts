import { LIMITS } from '@causeway/protocol'
import { folded, pushVarint, varintReader } from './varint.ts'

/**
 * Carries out instructions that `copiesAgainst` made. Throws a `RangeError`
 * on whatever does not make exactly `sizeBytes` from this region; that is
 * found out before anything is allocated.
 */
export function applyCopies(region: Uint8Array, instructions: Uint8Array, sizeBytes: number): Uint8Array {
  if (!(sizeBytes >= 0 && sizeBytes <= LIMITS.deltaBytes)) throw new RangeError(`a delta of ${sizeBytes} bytes`)
  let made = 0
  for (const step of stepsOf(instructions, region)) {
    made += step.length
    if (made > sizeBytes) throw new RangeError(`instructions make more than ${sizeBytes} bytes`)
  }
  if (made !== sizeBytes) throw new RangeError(`instructions make ${made} bytes instead of ${sizeBytes}`)
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for (const step of stepsOf(instructions, region)) {
    bytes.set(step, at)
    at += step.length
  }
  return bytes
}

/**
 * The part of a region that instructions copy from, and instructions that
 * make the same from that part alone; `null` where nothing is copied.
 */
export function narrowCopies(instructions: Uint8Array, regionBytes: number): NarrowedCopies | null {
  const reader = varintReader(instructions)
  let least = regionBytes
  let most = 0
  let copyEnd = 0
  let first: { readonly start: number; readonly end: number; readonly from: number } | undefined
  while (!reader.atEnd()) {
    reader.take(reader.varint())
    if (reader.atEnd()) break
    const length = reader.varint()
    const start = reader.position()
    const from = copyEnd + reader.signed()
    first ??= { start, end: reader.position(), from }
    copyEnd = from + length
    least = Math.min(least, from)
    most = Math.max(most, copyEnd)
  }
  if (first === undefined) return null
  // Places are told by their distance from the last copy: only the first one changes.
  const place: number[] = []
  pushVarint(place, folded(first.from - least))
  const parts = [instructions.subarray(0, first.start), Uint8Array.from(place), instructions.subarray(first.end)]
  return { offset: least, length: most - least, instructions: joined(parts) }
}

export interface NarrowedCopies {
  /** The part, within the region. */
  readonly offset: number
  readonly length: number
  readonly instructions: Uint8Array
}

/** Writes the instructions that make `bytes`; copies are told in the order of their places, the rest is literal. */
export function copyWriter(bytes: Uint8Array): CopyWriter {
  const pieces: Uint8Array[] = []
  /** A copy that may still grow. */
  let open = { at: 0, from: 0, length: 0 }
  let copyEnd = 0
  let told = 0

  function flush(): void {
    if (open.length === 0) return
    const head: number[] = []
    pushVarint(head, open.at - told)
    pieces.push(Uint8Array.from(head), bytes.subarray(told, open.at))
    const copy: number[] = []
    pushVarint(copy, open.length)
    pushVarint(copy, folded(open.from - copyEnd))
    pieces.push(Uint8Array.from(copy))
    copyEnd = open.from + open.length
    told = open.at + open.length
    open = { at: told, from: 0, length: 0 }
  }

  return {
    end: () => open.at + open.length,
    copy(at, from, length) {
      const grows = open.length > 0 && open.at + open.length === at && open.from + open.length === from
      if (grows) open = { ...open, length: open.length + length }
      else {
        flush()
        open = { at, from, length }
      }
    },
    finish() {
      flush()
      if (told < bytes.length) {
        const head: number[] = []
        pushVarint(head, bytes.length - told)
        pieces.push(Uint8Array.from(head), bytes.subarray(told))
      }
      return joined(pieces)
    },
  }
}

export interface CopyWriter {
  /** Where the last copy ends. */
  end(): number
  /** The bytes at `at` are those of the region at `from`. */
  copy(at: number, from: number, length: number): void
  finish(): Uint8Array
}

/** What the instructions append, piece by piece: literal length, literal, then copy length and its place, until they end. */
function* stepsOf(instructions: Uint8Array, region: Uint8Array): Generator<Uint8Array> {
  const reader = varintReader(instructions)
  let copyEnd = 0
  while (!reader.atEnd()) {
    yield reader.take(reader.varint())
    if (reader.atEnd()) return
    const length = reader.varint()
    const from = copyEnd + reader.signed()
    if (length === 0 || from < 0 || from + length > region.length) {
      throw new RangeError(`a copy of ${length} bytes from ${from} of a region of ${region.length}`)
    }
    copyEnd = from + length
    yield region.subarray(from, copyEnd)
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
