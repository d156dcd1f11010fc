import type { NewStretch } from '@causeway/engine'
import { CHUNK_FRAME_HEADER_BYTES, LIMITS, type Delta, type ChunkId, type PatchItem } from '@causeway/protocol'
import type { ChunkRow, MetadataStore } from '@causeway/store'
import { mapAhead } from '../map-ahead.ts'
import { chunksAt, countAt, nameAt, type ChunkList } from './chunk-list.ts'
import { createDeltaMaker } from './delta-maker.ts'
import type { HeldBytes } from './held-bytes.ts'
import { createDeltaBackoff, type DeltaBackoff } from './delta-backoff.ts'
import { createPlans } from './plans.ts'
import type { RecentDeltas } from './recent-deltas.ts'

export interface PatchMaker {
  /** How `next` follows from `base`, item by item as the receiver takes them; see `PatchItemSchema`. */
  make(next: ChunkList, base: ChunkList): AsyncIterable<PatchItem>
}

/** Pieces of one patch that are looked at before the receiver has taken the ones before. */
const READ_AHEAD = 2
/** A delta must save a tenth of what a fetch takes: the receiver may find some of that elsewhere. */
const WORTH_IT = 0.9
/** What saves less owes it to a slower compression rather than to the base. */
const HELPS = 0.75
/** In a patch this small, one more request would take longer than some more bytes. */
const SPARING_BYTES = LIMITS.inlinePatchBytes
/** What a delta takes on the wire beside its bytes and its chunks' names, about. */
const DELTA_BYTES = 160

/** Neighbouring new chunks, with the delta that made them where that is at hand. */
interface Piece {
  readonly first: number
  readonly count: number
  readonly region: NewStretch['region']
  readonly delta: Delta | null
}

/** What there is for a piece. */
interface Found {
  readonly piece: Piece
  readonly delta: Delta | null
  /** What it takes to fetch the chunks. */
  readonly fetchBytes: number
  /** All chunks are held and none of them is compressed. */
  readonly dense: boolean
}

export function createPatchMaker(
  metadata: Pick<MetadataStore, 'read'>,
  held: HeldBytes,
  recent: RecentDeltas,
): PatchMaker {
  const plan = createPlans(held)
  const maker = createDeltaMaker(held, recent)

  async function* make(next: ChunkList, base: ChunkList): AsyncIterable<PatchItem> {
    const { splice, stretches } = await plan(next, base)
    yield splice === null ? { kind: 'manifest', chunks: next.encoded } : { kind: 'splice', splice }
    const backoff = createDeltaBackoff()
    let sparing = SPARING_BYTES
    const pieces = piecesOf(stretches, next, (firstChunk) => recent.find(base.content, firstChunk))
    for await (const found of mapAhead(pieces, (piece) => lookUp(piece, next, base, backoff), READ_AHEAD)) {
      const { piece, delta, fetchBytes, dense } = found
      if (delta !== null && wireBytesOf(delta) <= fetchBytes * (delta.bytes.length <= sparing ? 1 : WORTH_IT)) {
        sparing -= delta.bytes.length
        yield { kind: 'delta', delta }
      } else if (dense && fetchBytes <= sparing) {
        sparing -= fetchBytes
        yield* wholeChunks(next, piece)
      } else yield { kind: 'fetch', first: piece.first, count: piece.count }
    }
  }

  async function lookUp(piece: Piece, next: ChunkList, base: ChunkList, backoff: DeltaBackoff): Promise<Found> {
    const { offset, chunks } = chunksAt(next, piece.first, piece.count)
    const rows = await metadata.read((tx) => tx.chunks(chunks.map(({ hash }) => hash)))
    const lacking = rows.length < new Set(chunks.map(({ hash }) => hash)).size
    const dense = !lacking && rows.every(({ compressed }) => !compressed)
    const fetchBytes = lacking ? Number.POSITIVE_INFINITY : fetchBytesOf(rows)
    const found = { piece, fetchBytes, dense, delta: piece.delta }
    if (piece.delta !== null || piece.region === null || !backoff.worthATry()) return found
    const sizeBytes = chunks.reduce((sum, { size }) => sum + size, 0)
    const belowBytes = fetchBytes <= SPARING_BYTES ? fetchBytes : fetchBytes * WORTH_IT
    const delta = await maker.make({ next, chunks, offset, sizeBytes, base, region: piece.region, belowBytes })
    backoff.note(delta !== null && wireBytesOf(delta) < fetchBytes * HELPS)
    return { ...found, delta }
  }

  async function* wholeChunks(next: ChunkList, { first, count }: Piece): AsyncIterable<PatchItem> {
    const run = chunksAt(next, first, count)
    let { offset } = run
    for (const { hash, size } of run.chunks) {
      yield { kind: 'chunk', chunk: { hash, bytes: await held.bytes(next, { offset, length: size }) } }
      offset += size
    }
  }

  return { make }
}

/** The stretches, taken apart where deltas are at hand already. */
function* piecesOf(
  stretches: readonly NewStretch[],
  next: ChunkList,
  known: (firstChunk: ChunkId) => Delta | undefined,
): Iterable<Piece> {
  let done = 0
  for (const { first, count, region } of stretches) {
    const end = first + count
    let open = Math.max(first, done)
    for (let at = open; at < end;) {
      const delta = known(nameAt(next, at))
      const made = delta === undefined ? 0 : countAt(next, at, delta.chunks)
      if (delta === undefined || made === 0) {
        at++
        continue
      }
      if (at > open) yield { first: open, count: at - open, region, delta: null }
      yield { first: at, count: made, region, delta }
      at += made
      open = at
    }
    if (end > open) yield { first: open, count: end - open, region, delta: null }
    done = Math.max(open, end)
  }
}

function wireBytesOf({ bytes, chunks }: Delta): number {
  return bytes.length + chunks.length + DELTA_BYTES
}

function fetchBytesOf(rows: readonly ChunkRow[]): number {
  return rows.reduce((sum, { storedSize }) => sum + storedSize + CHUNK_FRAME_HEADER_BYTES, 0)
}
