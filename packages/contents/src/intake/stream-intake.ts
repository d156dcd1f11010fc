import { createHash, hash as digest } from 'node:crypto'
import { createChunker } from '@causeway/engine'
import {
  encodeManifest,
  ChunkIdSchema,
  ContentHashSchema,
  LIMITS,
  type ChunkRef,
  type ContentHash,
  type Hash,
  type NamedBytes,
  type NamedManifest,
} from '@causeway/protocol'
import type { ChunkRow } from '@causeway/store'
import type { ChunkDepot } from '../chunk-depot.ts'

/** A content taken in: its chunks are durable, their rows wait for the commit that refers to them. */
export interface TakenContent {
  readonly hash: ContentHash
  readonly size: number
  readonly rows: readonly ChunkRow[]
  /** The content and all its chunks, those that were held before too. */
  readonly hashes: readonly Hash[]
  readonly manifests: readonly NamedManifest[]
}

const GROUP_BYTES = 4 * 1024 * 1024

/** Takes in a stream of any length with a few MiB of memory; small contents stay one chunk, as everywhere. */
export async function takeIn(depot: ChunkDepot, stream: AsyncIterable<Uint8Array>): Promise<TakenContent> {
  const whole = createHash('sha256')
  const chunker = createChunker()
  const manifest: ChunkRef[] = []
  const rows: ChunkRow[] = []
  let open: Uint8Array[] = []
  let group: NamedBytes[] = []
  let groupBytes = 0
  let size = 0
  // Bytes held back until it is known whether the content is small.
  let head: Uint8Array[] | null = []

  async function endChunk(): Promise<void> {
    const bytes = Buffer.concat(open)
    open = []
    const hash = ChunkIdSchema.parse(digest('sha256', bytes))
    manifest.push({ hash, size: bytes.length })
    group.push({ hash, bytes })
    groupBytes += bytes.length
    if (groupBytes >= GROUP_BYTES) await flush()
  }

  async function flush(): Promise<void> {
    rows.push(...(await depot.keep(group)))
    group = []
    groupBytes = 0
  }

  async function cut(piece: Uint8Array): Promise<void> {
    let at = 0
    let left = openBytes(open)
    for (const length of chunker.push(piece)) {
      const end = at + length - left
      open.push(piece.subarray(at, end))
      await endChunk()
      at = end
      left = 0
    }
    if (at < piece.length) open.push(piece.subarray(at))
  }

  for await (const piece of stream) {
    whole.update(piece)
    size += piece.length
    if (head === null) await cut(piece)
    else {
      head.push(piece)
      if (size <= LIMITS.inlineBytes) continue
      for (const kept of head) await cut(kept)
      head = null
    }
  }
  if (head !== null) open = head
  if (openBytes(open) > 0) await endChunk()
  await flush()
  const hash = ContentHashSchema.parse(whole.digest('hex'))
  return {
    hash,
    size,
    rows,
    hashes: [hash, ...manifest.map((chunk) => chunk.hash)],
    manifests: manifest.length > 1 ? [{ content: hash, chunks: encodeManifest(manifest) }] : [],
  }
}

function openBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}
