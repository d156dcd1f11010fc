import {
  addSavings,
  decodeManifest,
  NO_SAVINGS,
  onlyChunkOf,
  type EntryId,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type Manifest,
  type NodeId,
  type Savings,
} from '@causeway/protocol'
import type { MetadataStore, NewTransfer } from '@causeway/store'
import { systemTimers, type Timer, type Timers } from '@causeway/time'
import type { Hop, Log } from '@causeway/log'
import type { Broadcasts } from '../../ports/broadcasts.ts'
import type { Crossing } from '@causeway/contents'
import { Arrivals, settled, smallFiles, withCrossing } from './account.ts'
import type { Throughput } from './throughput.ts'
import { withPaths } from './with-paths.ts'

/** A file whose bytes a commit brought, or a change tells of. */
export interface MovedFile {
  readonly entry: EntryId
  readonly content: ContentHash
  readonly sizeBytes: number
}

/** A file that does not travel inside messages. */
export interface LargeFile extends MovedFile {
  /** Chunk list or splice as it crossed. */
  readonly listBytes: number
}

/**
 * What crossed the wire for contents, and how. Counts what happened and
 * decides nothing: losing some of it at a kill hurts no file.
 */
export interface Ledger {
  /** A chunk came from a node, before or with the commit that names it. */
  received(hop: Hop, chunk: ChunkId, crossing: Crossing): void
  /** A node's commit stands. `wireBytes`: its whole message, but for deltas and chunk lists. */
  committed(commit: {
    readonly folder: FolderId
    readonly node: NodeId
    readonly small: readonly MovedFile[]
    readonly large: readonly (LargeFile & { readonly manifest: Manifest })[]
    readonly wireBytes: number
  }): void
  /** A node was told of new contents up to `seq`. What is fetched for the large ones is still to come. */
  told(telling: {
    readonly folder: FolderId
    readonly node: NodeId
    readonly seq: number
    readonly small: readonly MovedFile[]
    readonly large: readonly MovedFile[]
    readonly wireBytes: number
  }): void
  /** A chunk went to a node, perhaps before it was told what it belongs to. */
  fetched(hop: Hop, chunk: ChunkId, crossing: Crossing): void
  /** A delta for a large content, or (with no crossing) its chunk list, went to a node. */
  sent(hop: Hop, content: ContentHash, bytes: { readonly crossing?: Crossing; readonly listBytes?: number }): void
  /** Other nodes gave a node so much of a content, by its own word. */
  peerGave(hop: Hop, content: ContentHash, bytes: number): void
  /** The node has placed everything up to `seq`: its open transfers end. */
  applied(node: NodeId, folder: FolderId, seq: number): void
  /** Writes down what has ended. */
  flush(): Promise<void>
  start(): void
  stop(): Promise<void>
}

const FLUSH_EVERY_MS = 1_000
const MOST_ARRIVALS = 300_000
/** Downloads at once, over all nodes; beyond that the oldest is taken for ended. */
const MOST_OPEN = 10_000

interface Open {
  readonly folder: FolderId
  readonly node: NodeId
  readonly seq: number
  readonly file: MovedFile
  savings: Savings
}

export function createLedger(options: {
  readonly metadata: MetadataStore
  readonly clock: { now(): number }
  readonly timers?: Timers
  readonly log: Log
  readonly broadcasts?: Pick<Broadcasts, 'publish'>
  /** Hears of all bytes as they cross. */
  readonly throughput?: Pick<Throughput, 'moved'>
}): Ledger {
  const { metadata, clock, timers = systemTimers, log, broadcasts, throughput } = options
  const arrivals = new Arrivals(MOST_ARRIVALS)
  const departures = new Arrivals(MOST_ARRIVALS)
  const open = new Map<string, Open>()
  /** By node and content, what other nodes gave and no transfer was charged with yet. */
  const gifts = new Map<string, number>()
  let ended: NewTransfer[] = []
  let placed: Open[] = []
  let timer: Timer | undefined
  let writing: Promise<void> = Promise.resolve()

  function end(
    hop: Pick<NewTransfer, 'folder' | 'node' | 'direction'>,
    file: MovedFile | undefined,
    savings: Savings,
  ): void {
    const at = new Date(clock.now()).toISOString()
    ended.push({ ...hop, ...savings, entry: file?.entry ?? null, content: file?.content ?? null, path: null, at })
  }

  /** Only the chunk list tells which of the chunks that went to the node belonged to the content. */
  async function endDownloads(downloads: readonly Open[]): Promise<void> {
    for (const { folder, node, file, savings } of downloads) {
      const total = departures.has(node) ? addSavings(savings, await claimed(node, file)) : savings
      const came = { ...total, peerBytes: takeGifts(node, file, total) }
      end({ folder, node, direction: 'down' }, file, settled(came, file.sizeBytes))
    }
  }

  /** A node's word is taken for no more than what did not come from here. */
  function takeGifts(node: NodeId, { content, sizeBytes }: MovedFile, total: Savings): number {
    const key = `${node} ${content}`
    const given = gifts.get(key) ?? 0
    gifts.delete(key)
    return Math.max(0, Math.min(given, sizeBytes - total.deltaBytes - total.packedBytes - total.plainBytes))
  }

  async function claimed(node: NodeId, { content, sizeBytes }: MovedFile): Promise<Savings> {
    const list = await metadata.read((tx) => tx.manifest(content))
    return departures.claim(
      node,
      list === undefined ? [{ hash: onlyChunkOf(content), size: sizeBytes }] : decodeManifest(list),
    )
  }

  async function write(): Promise<void> {
    const downloads = placed
    placed = []
    try {
      await endDownloads(downloads)
    } catch (error) {
      log.warn({ err: error, downloads: downloads.length }, 'could not note what was downloaded')
    }
    const batch = ended
    if (batch.length === 0) return
    ended = []
    try {
      const transfers = await metadata.read((tx) => withPaths(tx, batch))
      const written = await metadata.write((tx) => tx.addTransfers(transfers))
      if (written.length > 0) broadcasts?.publish('transfers', written)
    } catch (error) {
      log.warn({ err: error, transfers: batch.length }, 'could not note what was transferred')
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  return {
    received(hop, chunk, crossing) {
      throughput?.moved(hop, 'up', crossing.wireBytes)
      arrivals.put(hop.node, chunk, crossing)
    },
    committed({ folder, node, small, large, wireBytes }) {
      const hop = { folder, node, direction: 'up' } as const
      // Where there are no small files, the lists of the large ones have the rest of the message in them.
      const rest = small.length === 0 && large.length > 0 ? 0 : wireBytes
      throughput?.moved(hop, 'up', rest + large.reduce((sum, { listBytes }) => sum + listBytes, 0))
      for (const file of large) {
        const crossed = arrivals.claim(node, file.manifest)
        const savings = { ...crossed, wireBytes: crossed.wireBytes + file.listBytes }
        end(hop, file, settled(savings, file.sizeBytes))
      }
      if (small.length > 0) end(hop, small.length === 1 ? small[0] : undefined, smallFiles(small, wireBytes))
    },
    told({ folder, node, seq, small, large, wireBytes }) {
      const hop = { folder, node, direction: 'down' } as const
      throughput?.moved(hop, 'down', wireBytes)
      if (small.length > 0) end(hop, small.length === 1 ? small[0] : undefined, smallFiles(small, wireBytes))
      for (const file of large) {
        const key = `${node} ${file.content}`
        // Told again (a repeated request): what crossed so far stays counted.
        const savings = open.get(key)?.savings ?? NO_SAVINGS
        open.delete(key)
        open.set(key, { folder, node, seq, file, savings })
        const [oldest] = open
        if (open.size <= MOST_OPEN || oldest === undefined) continue
        open.delete(oldest[0])
        placed.push(oldest[1])
      }
    },
    fetched(hop, chunk, crossing) {
      throughput?.moved(hop, 'down', crossing.wireBytes)
      departures.put(hop.node, chunk, crossing)
    },
    sent(hop, content, { crossing, listBytes = 0 }) {
      throughput?.moved(hop, 'down', listBytes + (crossing?.wireBytes ?? 0))
      const { node } = hop
      const download = open.get(`${node} ${content}`)
      if (download === undefined) return
      const { savings } = download
      const listed = { ...savings, wireBytes: savings.wireBytes + listBytes }
      download.savings = crossing === undefined ? listed : withCrossing(listed, crossing)
    },
    peerGave({ node }, content, bytes) {
      const key = `${node} ${content}`
      gifts.set(key, (gifts.get(key) ?? 0) + bytes)
      const [oldest] = gifts.keys()
      if (gifts.size > MOST_OPEN && oldest !== undefined) gifts.delete(oldest)
    },
    applied(node, folder, seq) {
      for (const [key, download] of open) {
        if (download.node !== node || download.folder !== folder || download.seq > seq) continue
        open.delete(key)
        placed.push(download)
      }
    },
    flush,
    start() {
      timer ??= timers.every(FLUSH_EVERY_MS, () => void flush()).unref()
    },
    async stop() {
      timer?.cancel()
      timer = undefined
      placed.push(...open.values())
      open.clear()
      await flush()
    },
  }
}
