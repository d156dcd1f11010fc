import { hash as hashOf } from 'node:crypto'
import { openDelta } from '@causeway/packing'
import {
  decodeManifest,
  LIMITS,
  type ChunkRef,
  type Delta,
  type ChunkId,
  type Patch,
  type PatchItem,
} from '@causeway/protocol'
import type { ChunkTable } from './chunk-table.ts'
import type { LocalSources } from './local-sources.ts'

/** How new chunks of a content can be made without fetching them. */
export interface Deltas {
  /** True if a delta, or the chunk itself, came along. To be asked for rising positions. */
  brings(index: number): Promise<boolean>
  /** The chunk, rehashed; `undefined` if it does not come out right: it is to be fetched then. */
  take(index: number): Promise<Uint8Array | undefined>
  /** What waits in memory for its chunks' turn. */
  readonly heldBytes: number
  stop(): Promise<void>
}

export const NO_DELTAS_CAME: Deltas = {
  brings: async () => false,
  take: async () => undefined,
  heldBytes: 0,
  stop: async () => undefined,
}

/** The deltas of a patch that came with the change. */
export async function* itemsOf(patch: Patch): AsyncGenerator<PatchItem> {
  for (const delta of patch.deltas) yield { kind: 'delta', delta }
}

/** What nobody asked for is dropped once so much waits: a coordinator may send items out of turn. */
const HELD_BYTES = 24 * 1024 * 1024

/**
 * Reads a patch's items as far as the chunk that is asked for. Whatever is
 * wrong with them (the stream breaks, a delta is for another base) only means
 * that chunks are fetched.
 */
export function readDeltas(table: ChunkTable, items: AsyncIterator<PatchItem>, sources: LocalSources): Deltas {
  const byChunk = new Map<ChunkId, Told>()
  let heldBytes = 0
  // More than the content itself: nobody means this to be read to its end.
  let leftBytes = table.sizeBytes + HELD_BYTES
  /** Chunks of the list that are said to be fetched. */
  let toFetch = { first: 0, end: 0 }
  let hasEnded = false
  let opened: { told: Told; chunks: Promise<ReadonlyMap<ChunkId, Uint8Array>> } | undefined

  function hold(told: Omit<Told, 'waiting'>): void {
    const waiting = new Set(told.chunks.map(({ hash }) => hash).filter((hash) => !byChunk.has(hash)))
    if (waiting.size === 0) return
    const held = { ...told, waiting }
    for (const hash of waiting) byChunk.set(hash, held)
    heldBytes += told.sizeBytes
    leftBytes -= told.sizeBytes
    for (const oldest of byChunk.values()) {
      if (heldBytes <= HELD_BYTES || oldest === held) break
      for (const hash of oldest.waiting) release(hash, oldest)
    }
  }

  function release(hash: ChunkId, told: Told): void {
    byChunk.delete(hash)
    told.waiting.delete(hash)
    if (told.waiting.size === 0) heldBytes -= told.sizeBytes
  }

  async function readOne(): Promise<void> {
    const item = leftBytes < 0 ? undefined : await nextOf(items)
    leftBytes -= ITEM_BYTES
    if (item === undefined) hasEnded = true
    else if (item.kind === 'fetch') toFetch = { first: item.first, end: item.first + item.count }
    else if (item.kind === 'chunk') {
      const { hash, bytes } = item.chunk
      hold({ delta: null, bytes, sizeBytes: bytes.length, chunks: [{ hash, size: bytes.length }] })
    } else if (item.kind === 'delta') {
      const { delta } = item
      hold({ delta, bytes: delta.bytes, sizeBytes: delta.bytes.length, chunks: chunksOf(delta) })
    }
  }

  return {
    async brings(index) {
      const hash = table.hash(index)
      while (!byChunk.has(hash) && !hasEnded && index >= toFetch.end) await readOne()
      return byChunk.has(hash)
    },
    async take(index) {
      const chunk = table.chunk(index)
      const told = byChunk.get(chunk.hash)
      if (told === undefined) return undefined
      if (opened?.told !== told) opened = { told, chunks: soundChunks(told, sources) }
      const bytes = (await opened.chunks).get(chunk.hash)
      release(chunk.hash, told)
      return bytes?.length === chunk.size ? bytes : undefined
    },
    get heldBytes() {
      return heldBytes
    },
    async stop() {
      hasEnded = true
      await items.return?.().catch(() => undefined)
    },
  }
}

/** Counted for each item beside its bytes, so that empty ones come to an end too. */
const ITEM_BYTES = 64

/** A delta, or a chunk whole. */
interface Told {
  readonly delta: Delta | null
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  readonly chunks: readonly ChunkRef[]
  /** Those that nobody took yet. */
  readonly waiting: Set<ChunkId>
}

async function nextOf(items: AsyncIterator<PatchItem>): Promise<PatchItem | undefined> {
  try {
    const { value, done } = await items.next()
    return done === true ? undefined : value
  } catch {
    // What was to follow is fetched; if nobody answers, that will say so.
    return undefined
  }
}

function chunksOf({ chunks: encoded }: Delta): readonly ChunkRef[] {
  try {
    return decodeManifest(encoded)
  } catch {
    return []
  }
}

/** The chunks that come out right. */
async function soundChunks(
  { delta, bytes, chunks }: Told,
  sources: LocalSources,
): Promise<ReadonlyMap<ChunkId, Uint8Array>> {
  const sound = new Map<ChunkId, Uint8Array>()
  try {
    const made = delta === null ? bytes : await opening(delta, chunks, sources)
    let at = 0
    for (const { hash, size } of chunks) {
      const chunk = made.subarray(at, (at += size))
      if (hashOf('sha256', chunk) === hash) sound.set(hash, chunk)
    }
  } catch {
    // A delta that does not fit its base was not sent.
  }
  return sound
}

async function opening(delta: Delta, chunks: readonly ChunkRef[], sources: LocalSources): Promise<Uint8Array> {
  const { content, offset, length } = delta.base
  const sizeBytes = chunks.reduce((sum, { size }) => sum + size, 0)
  const region = sizeBytes <= LIMITS.deltaBytes ? await sources.region(content, offset, length) : undefined
  return region === undefined ? new Uint8Array() : openDelta(delta, region, sizeBytes)
}
