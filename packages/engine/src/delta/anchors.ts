import { javascriptRoller } from '../chunker/javascript-roller.ts'
import { wasmRoller } from '../chunker/wasm-roller.ts'
import { weakHash } from './block-hash.ts'

/**
 * Places of a content that its bytes alone choose, about one in each
 * `ANCHOR_SPACING_BYTES`: what two contents share has anchors of the same names
 * in both, wherever it lies.
 */
export interface Anchors {
  /** Checksums of the 32 bytes before each place. */
  readonly names: Int32Array
  /** Offsets in the content, rising. */
  readonly offsets: Float64Array
}

export interface AnchorSampler {
  /** Takes the next bytes of the content. Where one call ends and the next begins, an anchor may be missed. */
  push(bytes: Uint8Array): void
  /** Leaves bytes out that are not at hand. */
  skip(count: number): void
  anchors(): Anchors
}

/**
 * Samples one content. However large it is, at most `MOST_ANCHORS` are kept:
 * every other one is dropped when they get too many, and of both contents the
 * same ones.
 */
export function createAnchorSampler(mostAnchors = MOST_ANCHORS): AnchorSampler {
  const roller = wasmRoller(PIECE_BYTES) ?? javascriptRoller(new Uint8Array(PIECE_BYTES))
  let names: number[] = []
  let offsets: number[] = []
  let taken = 0
  let kept = 0

  function add(name: number, offset: number): void {
    if ((name & kept) !== 0 || (names.length >= mostAnchors && kept >= FEWEST_KEPT)) return
    names.push(name)
    offsets.push(offset)
    if (names.length <= mostAnchors) return
    kept = kept * 2 + 1
    const keep = names.map((each) => (each & kept) === 0)
    names = names.filter((_, i) => keep[i])
    offsets = offsets.filter((_, i) => keep[i])
  }

  function sample(piece: Uint8Array): void {
    let at = 0
    for (;;) {
      // The hash tells of its last 32 bytes only when it has seen as many.
      const warm = at + WINDOW_BYTES - 1
      if (warm >= piece.length) break
      const zero = roller.roll(at, warm, 0, -1)
      at = zero === -1 ? roller.roll(warm, piece.length, roller.hash(), CHOSEN) : zero
      if (at === -1) break
      if (zero === -1) add(weakHash(piece, at - WINDOW_BYTES, at), taken + at)
    }
    taken += piece.length
  }

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += roller.buffer.length) {
        const piece = bytes.subarray(at, at + roller.buffer.length)
        roller.buffer.set(piece)
        sample(piece)
      }
    },
    skip(count) {
      taken += count
    },
    anchors: () => ({ names: Int32Array.from(names), offsets: Float64Array.from(offsets) }),
  }
}

const ANCHOR_SPACING_BYTES = 1024
const MOST_ANCHORS = 128 * 1024
const PIECE_BYTES = 256 * 1024
const WINDOW_BYTES = 32
/** Bytes made to have anchors of few names only could be thinned out for ever. */
const FEWEST_KEPT = 0xffff
/** The ten highest bits. */
const CHOSEN = -(2 ** 32 / ANCHOR_SPACING_BYTES)
