import {
  CHUNK_FRAME_HEADER_BYTES,
  decodeChunkFrames,
  decodeManifest,
  LIMITS,
  onlyChunkOf,
  READING,
  SyncError,
  type ChunkFrame,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type Manifest,
  type NodeId,
} from '@causeway/protocol'
import type { HashWorkers } from '@causeway/packing'
import type { Asker, ChunkRow, MetadataReader, MetadataStore } from '@causeway/store'
import { mapAhead } from './map-ahead.ts'
import type { ChunkDepot } from './chunk-depot.ts'
import { createFrameIntakes } from './intake/frame-intake.ts'
import type { ContentsObserver } from './observer.ts'
import type { Repair } from './repair.ts'
import type { Room } from './room.ts'

export interface Chunks {
  /**
   * Those of the chunks that the asker is to send, in the order asked: the others are the folder's, or in a folder that
   * the node may read.
   */
  missing(folder: FolderId, hashes: readonly ChunkId[], node?: NodeId): Promise<readonly ChunkId[]>
  /**
   * Takes frames as they come; durable when it resolves to how many there
   * were. Throws `not-allowed` at the first chunk that is not one of those
   * the node may give; what came before is dropped. Throws `disk-full`, before
   * the body is read, while no new contents are taken.
   */
  upload(
    folder: FolderId,
    node: NodeId,
    body: AsyncIterable<Uint8Array>,
    mayGive?: (hash: ChunkId) => Promise<boolean>,
  ): Promise<number>
  /**
   * Chunks of the folder in the order asked, as they are stored. Throws `chunk-missing`
   * before the first one if any is not held, or is another folder's alone.
   */
  fetch(folder: FolderId, hashes: readonly ChunkId[]): Promise<AsyncIterable<ChunkFrame>>
  /** The same in groups. The memory of a group is its taker's alone. `wireBytes` is what they take as a stream. */
  fetchGroups(
    folder: FolderId,
    hashes: readonly ChunkId[],
  ): Promise<{
    readonly wireBytes: number
    readonly rows: readonly ChunkRow[]
    readonly groups: AsyncIterable<readonly ChunkFrame[]>
  }>
  /** Throws `not-found` for a content that the folder never had, `chunk-missing` for one whose only chunk is damaged. */
  manifest(folder: FolderId, content: ContentHash): Promise<Manifest>
}

/** Chunks asked for at once, which share a read where they lie one after another. */
const READ_BYTES = 1024 * 1024
/** Such reads ahead of what the receiver has taken. */
const READ_AHEAD = 2

export interface ChunksPorts {
  readonly metadata: MetadataStore
  readonly depot: ChunkDepot
  readonly repair: Pick<Repair, 'isAwaited' | 'missed'>
  readonly observe: ContentsObserver
  readonly hashing: HashWorkers
  readonly room: Room
}

export function createChunks({ metadata, depot, repair, observe, hashing, room }: ChunksPorts): Chunks {
  const intakes = createFrameIntakes(depot, hashing)

  async function lacking(hash: ChunkId): Promise<SyncError> {
    if (!(await repair.isAwaited(hash))) return new SyncError('chunk-missing', `chunk ${hash} is not held here`)
    repair.missed()
    return new SyncError(
      'chunk-missing',
      `chunk ${hash} was damaged on the coordinator's disk: it is restored once a node that has the file connects`,
    )
  }

  const fetchGroups: Chunks['fetchGroups'] = async (folder, hashes) => {
    const rows = await metadata.read((tx) => rowsFor(tx, { folder, reads: [] }, hashes))
    const byHash = new Map(rows.map((row) => [row.hash, row]))
    const wanted: ChunkRow[] = []
    for (const hash of hashes) {
      const row = byHash.get(hash)
      if (row === undefined) throw await lacking(hash)
      wanted.push(row)
    }
    const readGroup = (group: readonly ChunkRow[]) => Promise.all(group.map((row) => depot.frame(row, group)))
    const wireBytes = wanted.reduce((sum, { storedSize }) => sum + CHUNK_FRAME_HEADER_BYTES + storedSize, 0)
    return { wireBytes, rows: wanted, groups: mapAhead(groupUp(wanted), readGroup, READ_AHEAD) }
  }

  return {
    async missing(folder, hashes, node) {
      const asker = { folder, reads: READING, ...(node !== undefined && { node }) }
      const held = await metadata.read((tx) => rowsFor(tx, asker, hashes))
      const known = new Set(held.map(({ hash }) => hash))
      return hashes.filter((hash) => !known.has(hash))
    },
    async upload(folder, node, body, mayGive) {
      await room.take(0)
      let count = 0
      let total = 0
      const sent = new Set<ChunkId>()
      const intake = intakes.open((frames) => {
        for (const { hash, size, compressed, bytes } of frames) {
          const form = compressed ? 'packed' : 'plain'
          observe.chunkReceived({ folder, node }, hash, {
            form,
            plainBytes: size,
            wireBytes: bytes.length + CHUNK_FRAME_HEADER_BYTES,
          })
        }
      })
      try {
        for await (const frame of decodeChunkFrames(body, intake.allocate)) {
          count++
          total += frame.bytes.length
          if (count > LIMITS.chunksPerRequest || total > LIMITS.inflatedBytes) {
            throw new SyncError('too-large', 'too many chunks in one request')
          }
          if (mayGive !== undefined && !(await mayGive(frame.hash))) {
            throw new SyncError(
              'not-allowed',
              `${node} may not send to ${folder}: nobody asked it for chunk ${frame.hash}`,
            )
          }
          sent.add(frame.hash)
          await intake.add(frame)
        }
        const rows = await intake.finish()
        if (count > 0) {
          await metadata.write(async (tx) => {
            if (rows.length > 0) await tx.addChunks(rows)
            await tx.addToFolder(folder, [...sent])
          })
        }
        return count
      } finally {
        await intake.end()
      }
    },
    fetch: async (folder, hashes) => flat((await fetchGroups(folder, hashes)).groups),
    fetchGroups,
    async manifest(folder, content) {
      const found = await metadata.read(async (tx) => {
        if ((await tx.contentsFor({ folder, reads: [] }, [content])).size === 0) return undefined
        const bytes = await tx.manifest(content)
        if (bytes !== undefined) return decodeManifest(bytes)
        const row = (await tx.chunks([onlyChunkOf(content)]))[0]
        return row && [{ hash: row.hash, size: row.size }]
      })
      if (found !== undefined) return found
      const only = onlyChunkOf(content)
      if (await repair.isAwaited(only)) throw await lacking(only)
      throw new SyncError('not-found', `no content ${content} is held here`)
    },
  }
}

async function rowsFor(tx: MetadataReader, asker: Asker, hashes: readonly ChunkId[]): Promise<readonly ChunkRow[]> {
  const rows = await tx.chunks(hashes)
  if (rows.length === 0) return rows
  const known = await tx.contentsFor(
    asker,
    rows.map(({ hash }) => hash),
  )
  return rows.filter(({ hash }) => known.has(hash))
}

function* groupUp(rows: readonly ChunkRow[]): Iterable<readonly ChunkRow[]> {
  let group: ChunkRow[] = []
  let bytes = 0
  for (const row of rows) {
    if (group.length > 0 && bytes + row.storedSize > READ_BYTES) {
      yield group
      group = []
      bytes = 0
    }
    group.push(row)
    bytes += row.storedSize
  }
  if (group.length > 0) yield group
}

async function* flat<T>(groups: AsyncIterable<readonly T[]>): AsyncIterable<T> {
  for await (const group of groups) yield* group
}
