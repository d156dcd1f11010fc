import { setImmediate } from 'node:timers/promises'
import {
  contentOfOnlyChunk,
  decodeManifest,
  LIMITS,
  type FolderId,
  type ChunkId,
  type ContentHash,
} from '@causeway/protocol'
import type { ChunkRow, MetadataStore } from '@causeway/store'
import type { Log, Signals } from '@causeway/log'
import type { Timer, Timers } from '@causeway/time'

/** Chunks that this coordinator's disk has spoilt or lost, from when that is found until a node has sent them again. */
export interface Repair {
  /**
   * Takes damaged chunks out of the index, in one durable write with the note
   * that they are awaited: from then on they count as missing, and nodes that
   * carry their folders are asked for them. A chunk that lies elsewhere by now
   * is left alone.
   */
  found(chunks: readonly PlacedChunk[]): Promise<void>
  /** True for a damaged chunk that nobody has sent again yet. */
  isAwaited(hash: ChunkId): Promise<boolean>
  awaitedCount(): Promise<number>
  /**
   * Contents of a folder that hold awaited chunks, as many as nodes are asked
   * for at once. Once they came, or nobody has sent any for a while, it is
   * others' turn: a signal says so.
   */
  wanted(folder: FolderId): Promise<readonly ContentHash[]>
  /** An awaited chunk was asked for in vain: the nodes are asked again before long. */
  missed(): void
  /** Chunks found damaged since the coordinator started. */
  readonly foundCount: number
  stop(): void
}

export type PlacedChunk = Pick<ChunkRow, 'hash' | 'pack' | 'offset'>

/** Damage seldom comes alone: what is found within this time is looked up, and told of, together. */
const TELL_AFTER_MS = 200
/** While chunks come, the next are asked for so soon; while none do, twice as late each time. */
const ASK_AGAIN_AFTER_MS = 2_000
const MOST_ASK_AGAIN_MS = 5 * 60_000
const TELL_AGAIN_AFTER_MS = 5_000
/** What nodes are asked for at once. */
const ASKED_AT_ONCE = 16 * LIMITS.wantedContents
const MANIFESTS_AT_ONCE = 200
const CONTENTS_AT_ONCE = 1000
const NAMED_IN_LOG = 20

/** What is asked for until the next round. */
type Round = Promise<ReadonlyMap<FolderId, readonly ContentHash[]>>

export interface RepairPorts {
  readonly metadata: MetadataStore
  readonly signals: Pick<Signals, 'publish'>
  readonly timers: Timers
  readonly log: Log
}

export function createRepair({ metadata, signals, timers, log }: RepairPorts): Repair {
  let foundCount = 0
  let round: Round | undefined
  /** The last of the lost chunks, by hash, that were asked for. */
  let askedTo: ChunkId | undefined
  let awaitedBefore = 0
  let waitMs = ASK_AGAIN_AFTER_MS
  let timer: { readonly due: number; readonly handle: Timer } | undefined

  function tellAfter(milliseconds: number): void {
    const due = timers.now() + milliseconds
    if (timer !== undefined && timer.due <= due) return
    timer?.handle.cancel()
    timer = { due, handle: timers.after(milliseconds, tell).unref() }
  }

  function tell(): void {
    timer = undefined
    round = undefined
    signals.publish('damage', {})
  }

  async function nextRound(): Round {
    const awaited = await metadata.read((tx) => tx.lostCount())
    if (awaited === 0) return new Map()
    waitMs = awaited < awaitedBefore ? ASK_AGAIN_AFTER_MS : Math.min(MOST_ASK_AGAIN_MS, waitMs * 2)
    awaitedBefore = awaited
    const chunks = await metadata.read((tx) => tx.lostAfter(askedTo, ASKED_AT_ONCE))
    // Behind the last comes the first again, a round later.
    askedTo = chunks.length === ASKED_AT_ONCE ? chunks.at(-1) : undefined
    const wanted = await contentsWith(metadata, chunks)
    tellAfter(waitMs)
    return wanted
  }

  async function remove(chunks: readonly PlacedChunk[]): Promise<void> {
    const removed = await metadata.write(async (tx) => {
      const rows = await tx.chunks(chunks.map(({ hash }) => hash))
      const places = new Map(rows.map((row) => [row.hash, placeOf(row)]))
      const removed = chunks.filter((chunk) => places.get(chunk.hash) === placeOf(chunk)).map(({ hash }) => hash)
      await tx.loseChunks(removed)
      return removed
    })
    if (removed.length === 0) return
    foundCount += removed.length
    for (const chunk of removed.slice(0, NAMED_IN_LOG)) {
      log.error({ chunk }, 'a chunk is damaged: nodes that hold it are asked for it')
    }
    if (removed.length > NAMED_IN_LOG) {
      log.error({ chunks: removed.length - NAMED_IN_LOG }, 'further chunks are damaged: nodes that hold them are asked')
    }
    waitMs = ASK_AGAIN_AFTER_MS
    tellAfter(TELL_AFTER_MS)
  }

  return {
    async found(chunks) {
      for (let at = 0; at < chunks.length; at += LIMITS.chunksPerRequest) {
        await remove(chunks.slice(at, at + LIMITS.chunksPerRequest))
      }
    },
    isAwaited: async (hash) => (await metadata.read((tx) => tx.lostAmong([hash]))).length > 0,
    awaitedCount: () => metadata.read((tx) => tx.lostCount()),
    async wanted(folder) {
      if ((await metadata.read((tx) => tx.lostCount())) === 0) return []
      round ??= nextRound()
      const current = round
      try {
        return (await current).get(folder) ?? []
      } catch (error) {
        if (round === current) round = undefined
        throw error
      }
    },
    missed: () => tellAfter(TELL_AGAIN_AFTER_MS),
    get foundCount() {
      return foundCount
    },
    stop: () => timer?.handle.cancel(),
  }
}

/** Walks all chunk lists: dear, but only damage asks for it. */
async function contentsWith(
  metadata: MetadataStore,
  chunks: readonly ChunkId[],
): Promise<ReadonlyMap<FolderId, readonly ContentHash[]>> {
  const damaged = new Set(chunks)
  // A small content is its own only chunk.
  const contents = new Set(chunks.map(contentOfOnlyChunk))
  for (let order = 0; ;) {
    const page = await metadata.read((tx) => tx.manifestsAfter(order, MANIFESTS_AT_ONCE))
    for (const { content, chunks: list } of page) {
      if (decodeManifest(list).some(({ hash }) => damaged.has(hash))) contents.add(content)
    }
    const last = page.at(-1)
    if (last === undefined) break
    order = last.order
    await setImmediate()
  }
  return byFolder(metadata, contents)
}

function byFolder(
  metadata: MetadataStore,
  contents: ReadonlySet<ContentHash>,
): Promise<ReadonlyMap<FolderId, readonly ContentHash[]>> {
  return metadata.read(async (tx) => {
    const found = new Map<FolderId, readonly ContentHash[]>()
    for (const { id } of await tx.folders()) {
      const here = new Set<ContentHash>()
      let count = 0
      for await (const content of tx.referencedContents(id)) {
        if (contents.has(content)) here.add(content)
        if (here.size === ASKED_AT_ONCE) break
        if (++count % CONTENTS_AT_ONCE === 0) await setImmediate()
      }
      found.set(id, [...here])
    }
    return found
  })
}

function placeOf({ pack, offset }: PlacedChunk): string {
  return `${pack} ${offset}`
}
