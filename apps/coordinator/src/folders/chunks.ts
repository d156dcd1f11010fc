import {
  decodeChunkFrames,
  decodeManifest,
  LIMITS,
  SyncError,
  type ChunkFrame,
  type FolderId,
  type Hash,
  type Manifest,
} from '@causeway/protocol'
import type { ChunkRow } from '@causeway/store'
import type { Context } from '../context.ts'

export interface Chunks {
  /** Those of the chunks that are not held, in the order asked. */
  missing(folder: FolderId, hashes: readonly Hash[]): Promise<readonly Hash[]>
  /** Takes frames as they come; durable when it resolves to how many there were. */
  upload(folder: FolderId, body: AsyncIterable<Uint8Array>): Promise<number>
  /**
   * The chunks in the order asked, as they are stored. Throws `chunk-missing`
   * before the first one if any is not held.
   */
  fetch(folder: FolderId, hashes: readonly Hash[]): Promise<AsyncIterable<ChunkFrame>>
  /** Throws `not-found` for a content that nobody has sent, `chunk-missing` for one whose only chunk is damaged. */
  manifest(folder: FolderId, content: Hash): Promise<Manifest>
}

/** Frames gathered before they are made durable together. */
const GROUP_BYTES = 4 * 1024 * 1024
/** Reads under way ahead of what the receiver has taken. */
const READ_AHEAD = 8

export function createChunks({ metadata, depot, damage }: Context): Chunks {
  async function lacking(hash: Hash): Promise<SyncError> {
    if (!(await damage.awaited()).includes(hash))
      return new SyncError('chunk-missing', `chunk ${hash} is not held here`)
    damage.missed()
    return new SyncError(
      'chunk-missing',
      `chunk ${hash} was damaged on the coordinator's disk: it comes back once a node that holds the file is connected`,
    )
  }

  return {
    async missing(_folder, hashes) {
      const held = await metadata.read((tx) => tx.chunks(hashes))
      const known = new Set(held.map(({ hash }) => hash))
      return hashes.filter((hash) => !known.has(hash))
    },
    async upload(_folder, body) {
      let count = 0
      let total = 0
      let group: ChunkFrame[] = []
      let groupBytes = 0
      const rows: ChunkRow[] = []
      for await (const frame of decodeChunkFrames(body)) {
        count++
        total += frame.bytes.length
        if (count > LIMITS.chunksPerRequest || total > LIMITS.inflatedBytes) {
          throw new SyncError('too-large', 'more chunks in one request than a request may carry')
        }
        group.push(frame)
        groupBytes += frame.bytes.length
        if (groupBytes < GROUP_BYTES) continue
        // Waiting here is what holds the sender back while the disk is busy.
        rows.push(...(await depot.keepFrames(group)))
        group = []
        groupBytes = 0
      }
      rows.push(...(await depot.keepFrames(group)))
      if (rows.length > 0) await metadata.write((tx) => tx.addChunks(rows))
      return count
    },
    async fetch(_folder, hashes) {
      const rows = await metadata.read((tx) => tx.chunks(hashes))
      const byHash = new Map(rows.map((row) => [row.hash, row]))
      const wanted: ChunkRow[] = []
      for (const hash of hashes) {
        const row = byHash.get(hash)
        if (row === undefined) throw await lacking(hash)
        wanted.push(row)
      }
      return ahead(wanted, depot.frame)
    },
    async manifest(_folder, content) {
      const found = await metadata.read(async (tx) => {
        const bytes = await tx.manifest(content)
        if (bytes !== undefined) return decodeManifest(bytes)
        const row = (await tx.chunks([content]))[0]
        return row && [{ hash: row.hash, size: row.size }]
      })
      if (found !== undefined) return found
      if ((await damage.awaited()).includes(content)) throw await lacking(content)
      throw new SyncError('not-found', `no content ${content} is held here`)
    },
  }
}

/** Results in order, with a few of them under way before they are asked for. */
async function* ahead<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): AsyncIterable<Result> {
  const running: Promise<Result>[] = []
  let next = 0
  try {
    while (next < items.length || running.length > 0) {
      while (running.length < READ_AHEAD && next < items.length) {
        const item = items[next++]
        if (item !== undefined) running.push(work(item))
      }
      const first = running.shift()
      if (first !== undefined) yield await first
    }
  } finally {
    // Whoever stops reading early must not leave a failure that nobody hears.
    await Promise.allSettled(running)
  }
}
