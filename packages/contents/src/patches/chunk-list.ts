import { hash as digest } from 'node:crypto'
import {
  decodeManifest,
  LIMITS,
  ListDigestSchema,
  type ChunkId,
  type ContentHash,
  type ListDigest,
  type Manifest,
  type SplicePart,
} from '@causeway/protocol'

/**
 * The chunks of one content, kept as encoded: of a list of many thousand, a
 * patch touches a few, and only those are decoded.
 */
export interface ChunkList {
  readonly content: ContentHash
  /** See `encodeManifest`. */
  readonly encoded: Uint8Array
  /** See `listDigest`: a content may be cut in other ways, so its hash does not name its list. */
  readonly digest: ListDigest
  /** Where each chunk ends in the content. */
  readonly ends: Float64Array
  readonly sizeBytes: number
}

/** Chunks of a list that lie one after the other; `offset` is where the first begins in the content. */
export interface ChunkRun {
  readonly offset: number
  readonly chunks: Manifest
}

/** What a splice makes: the new list, and those of its chunks that the splice tells in full. */
export interface SplicedList {
  readonly encoded: Uint8Array
  readonly sizeBytes: number
  readonly told: Manifest
}

/** Throws a `RangeError` on bytes that are no chunk list. */
export function chunkList(content: ContentHash, encoded: Uint8Array): ChunkList {
  const count = encoded.length / RECORD_BYTES
  if (!Number.isInteger(count)) throw new RangeError(`a chunk list of ${encoded.length} bytes is cut short`)
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const ends = new Float64Array(count)
  let end = 0
  for (let at = 0; at < count; at++) {
    end += view.getUint32(at * RECORD_BYTES + SIZE_AT)
    ends[at] = end
  }
  return { content, encoded, digest: listDigest(encoded), ends, sizeBytes: end }
}

/** The chunks that hold the bytes from `from` up to `to`; none where the content has ended before. */
export function chunksWithin({ encoded, ends }: ChunkList, from: number, to: number): ChunkRun {
  const first = firstAbove(ends, from)
  const last = to > from ? Math.min(firstAbove(ends, to - 1), ends.length - 1) : first - 1
  const chunks = decodeManifest(encoded.subarray(first * RECORD_BYTES, Math.max(first, last + 1) * RECORD_BYTES))
  return { offset: ends[first - 1] ?? 0, chunks }
}

/** That many chunks of the list, from position `first` on. */
export function chunksAt({ encoded, ends }: ChunkList, first: number, count: number): ChunkRun {
  const chunks = decodeManifest(encoded.subarray(first * RECORD_BYTES, (first + count) * RECORD_BYTES))
  return { offset: ends[first - 1] ?? 0, chunks }
}

/** The name of the chunk at a position; throws a `RangeError` behind the end. */
export function nameAt({ encoded }: ChunkList, at: number): ChunkId {
  const [chunk] = decodeManifest(encoded.subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES))
  if (chunk === undefined) throw new RangeError(`a chunk list has no position ${at}`)
  return chunk.hash
}

/** How many chunks `other` encodes, if exactly these come in the list from position `at` on; else 0. */
export function countAt({ encoded }: ChunkList, at: number, other: Uint8Array): number {
  const from = at * RECORD_BYTES
  const here = encoded.subarray(from, from + other.length)
  return Buffer.compare(here, other) === 0 ? other.length / RECORD_BYTES : 0
}

/**
 * What `applySplice` of the engine makes, without decoding what is taken over.
 * Throws a `RangeError` on parts that do not fit the base, and on a list of
 * more than `mostBytes`, before it is allocated.
 */
export function spliceEncoded(base: Uint8Array, parts: readonly SplicePart[], mostBytes: number): SplicedList {
  const pieces: Uint8Array[] = []
  const told: Manifest[] = []
  let length = 0
  for (const part of parts) {
    const piece = part instanceof Uint8Array ? part : pieceOf(base, part)
    length += piece.length
    if (length > Math.min(mostBytes, LIMITS.chunksPerManifest * RECORD_BYTES)) {
      throw new RangeError(`a splice makes a chunk list of more than ${mostBytes} bytes`)
    }
    pieces.push(piece)
    if (part instanceof Uint8Array) told.push(decodeManifest(part))
  }
  const encoded = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    encoded.set(piece, at)
    at += piece.length
  }
  return { encoded, sizeBytes: sizeOf(encoded), told: told.flat() }
}

/** The digest of a chunk list, as a splice announces it. */
export function listDigest(encoded: Uint8Array): ListDigest {
  return ListDigestSchema.parse(digest('sha256', encoded))
}

const RECORD_BYTES = 36
const SIZE_AT = 32

function pieceOf(base: Uint8Array, [first, count]: readonly [number, number]): Uint8Array {
  const end = (first + count) * RECORD_BYTES
  if (end > base.length) {
    throw new RangeError(`a splice takes ${count} chunks from ${first}, but its base has ${base.length / RECORD_BYTES}`)
  }
  return base.subarray(first * RECORD_BYTES, end)
}

function sizeOf(encoded: Uint8Array): number {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  let size = 0
  for (let at = SIZE_AT; at < encoded.length; at += RECORD_BYTES) size += view.getUint32(at)
  return size
}

/** The first position whose value is above `least`; the length if there is none. */
function firstAbove(rising: Float64Array, least: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] ?? 0) <= least) low = middle + 1
    else high = middle
  }
  return low
}
