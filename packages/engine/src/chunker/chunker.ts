import { SyncError } from '@causeway/protocol'
import { javascriptRoller } from './javascript-roller.ts'
import { CDC_64K, masksOf, type ChunkerProfile, type CutMasks } from './profile.ts'
import type { Roller } from './roller.ts'
import { wasmRoller } from './wasm-roller.ts'

/**
 * Cuts one content after another into content-defined chunks. Where the cuts
 * fall depends on the bytes and the profile alone, never on how the bytes are
 * handed over; what a call needs of earlier bytes is kept in a few numbers.
 *
 * Bytes come in either through `push`, or without a copy: read them straight
 * into `buffer` and `scan` it. A content uses one way or the other.
 *
 * Making one costs as much as cutting half a megabyte: use it again.
 */
export interface Chunker {
  readonly profile: ChunkerProfile
  readonly engine: 'javascript' | 'wasm'
  /** The chunker's own memory, always the same view. `push` of the WebAssembly engine overwrites it. */
  buffer(): Uint8Array
  /**
   * Takes `buffer[from, to)` as the next bytes of the content, up to the first
   * cut. Returns the offset of that cut (go on from there), or `null` if no
   * chunk ends here: then all of it is taken, and the buffer may be refilled.
   */
  scan(from: number, to: number): number | null
  /** Takes the next bytes. Returns the lengths of the chunks that end in them; the first may have begun earlier. */
  push(bytes: Uint8Array): number[]
  /** Ends the content: the length of its last chunk, or `null` if it ended at a cut. The chunker is then as new. */
  finish(): number | null
}

export interface ChunkerOptions {
  /** Size of `buffer()`. */
  readonly bufferBytes?: number
  /** Which inner loop to use. Without it: WebAssembly where there is any. */
  readonly engine?: 'javascript' | 'wasm'
}

/** Makes a chunker. Throws `internal` on a bad profile, or if `wasm` was demanded and there is none. */
export function createChunker(profile: ChunkerProfile = CDC_64K, options: ChunkerOptions = {}): Chunker {
  const masks = masksOf(profile)
  const own = ownRoller(options)
  const cutter = createCutter(profile, masks)
  return {
    profile,
    engine: own.engine,
    buffer: () => own.buffer,
    scan(from, to) {
      if (!(0 <= from && from <= to && to <= own.buffer.length)) {
        throw new RangeError(`bytes ${from} to ${to} are not within the chunker's ${own.buffer.length}`)
      }
      return cutter.scan(own, from, to)
    },
    push(bytes) {
      if (own.engine === 'javascript') return cutter.lengths(javascriptRoller(bytes), bytes.length)
      const lengths: number[] = []
      for (let at = 0; at < bytes.length; at += own.buffer.length) {
        const piece = bytes.subarray(at, at + own.buffer.length)
        own.buffer.set(piece)
        lengths.push(...cutter.lengths(own, piece.length))
      }
      return lengths
    },
    finish: () => cutter.finish(),
  }
}

/** The lengths of all chunks of one content, in order; they add up to its length, and the empty content has none. */
export function chunkLengths(
  bytes: Uint8Array,
  profile: ChunkerProfile = CDC_64K,
  options: ChunkerOptions = {},
): number[] {
  if (bytes.length === 0) return []
  const chunker = createChunker(profile, { bufferBytes: Math.min(bytes.length, DEFAULT_BUFFER_BYTES), ...options })
  const lengths = chunker.push(bytes)
  const last = chunker.finish()
  if (last !== null) lengths.push(last)
  return lengths
}

const DEFAULT_BUFFER_BYTES = 1024 * 1024

function ownRoller({ bufferBytes = DEFAULT_BUFFER_BYTES, engine }: ChunkerOptions): Roller {
  const quick = engine === 'javascript' ? undefined : wasmRoller(bufferBytes)
  if (quick !== undefined) return quick
  if (engine === 'wasm')
    throw new SyncError('internal', 'the WebAssembly chunker was asked for, but it does not start here')
  return javascriptRoller(new Uint8Array(bufferBytes))
}

interface Cutter {
  scan(roller: Roller, from: number, to: number): number | null
  /** The lengths of the chunks that end in the roller's first `to` bytes. */
  lengths(roller: Roller, to: number): number[]
  finish(): number | null
}

/** Where a chunk may end by its length. The state is the open chunk's length and hash: no byte is kept. */
function createCutter({ minBytes, averageBytes, maxBytes }: ChunkerProfile, masks: CutMasks): Cutter {
  let length = 0
  let hash = 0

  function cutAt(offset: number): number {
    length = 0
    hash = 0
    return offset
  }

  function scan(roller: Roller, from: number, to: number): number | null {
    let at = from
    while (at < to) {
      const limit = length < minBytes ? minBytes : length < averageBytes ? averageBytes : maxBytes
      const end = Math.min(to, at + limit - length)
      // No chunk ends within its first `minBytes`, so those bytes are not even read.
      if (length >= minBytes) {
        const cut = roller.roll(at, end, hash, length < averageBytes ? masks.strict : masks.loose)
        if (cut !== -1) return cutAt(cut)
        hash = roller.hash()
      }
      length += end - at
      at = end
      if (length === maxBytes) return cutAt(at)
    }
    return null
  }

  return {
    scan,
    lengths(roller, to) {
      const lengths: number[] = []
      let open = length
      let from = 0
      for (let cut = scan(roller, 0, to); cut !== null; cut = scan(roller, cut, to)) {
        lengths.push(open + cut - from)
        open = 0
        from = cut
      }
      return lengths
    },
    finish() {
      const last = length
      cutAt(0)
      return last === 0 ? null : last
    },
  }
}
