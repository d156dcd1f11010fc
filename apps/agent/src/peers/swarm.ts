import {
  isSyncError,
  SyncError,
  type ChunkId,
  type ContentHash,
  type NamedBytes,
  type NodeId,
} from '@causeway/protocol'
import { createSleep, type Timers } from '@causeway/time'
import { COSTS, type ChunkList, type ChunkSource } from '../ports.ts'
import type { ListedPeer, PeerList } from './peer-list.ts'
import { createPeerRates, type PeerRates } from './peer-rates.ts'
import { dealOut, fetcherOf, rarestFirst, type Holders } from './shares.ts'

export interface SwarmOptions {
  readonly self: NodeId
  readonly content: ContentHash
  readonly list: Pick<ChunkList, 'findHash' | 'size'>
  readonly peers: Pick<PeerList, 'current' | 'drop' | 'worked'>
  /** Where chunks come from that no other node gives. */
  readonly last: ChunkSource
  readonly timers: Timers
  /** A chunk came, from wherever: others may want it. */
  came(chunk: NamedBytes): void
  /** So many bytes came from another node, or wrong ones did. */
  gave(node: NodeId, bytes: number, wrong: boolean): void
  /** True once nothing more is to be fetched. */
  isStopped?(): boolean
}

/** How often others are asked what they have, while there is nothing to fetch. */
const LOOK_EVERY_MS = 250
/** What another node said it would fetch is waited for as long as anything comes, and so much longer. */
const PATIENCE_MS = 2_000
/** With the coordinator away, others may still get what is missing. */
const GIVE_UP_MS = 20_000
const LOOK_MS = 3_000
/** A peer that takes longer than this for a share, and this many bytes a second, is not asked again for a while. */
const SHARE_MS = 2_000
const LEAST_RATE = 128 * 1024

/**
 * The chunks of one content from the nodes that have it or are fetching it,
 * rarest first, and from `last` what none of them has. Where several nodes
 * fetch what only `last` has, each gets a part of it there and the rest from
 * the others. No peer is believed, and none is waited for long.
 */
export function swarmChunks(options: SwarmOptions): ChunkSource {
  const swarm = new Swarm(options)
  return {
    cost: COSTS.peers,
    async has(hashes) {
      const [known, { holders }] = await Promise.all([options.last.has(hashes), swarm.look(hashes)])
      return new Set(hashes.filter((hash) => known.has(hash) || isHeld(holders, hash)))
    },
    fetch: (hashes) => swarm.fetch(hashes),
  }
}

interface Look {
  readonly peers: readonly ListedPeer[]
  readonly holders: Holders
  /** Nodes that are fetching the content. */
  readonly coming: readonly NodeId[]
}

class Swarm {
  readonly #options: SwarmOptions
  readonly #rates: PeerRates
  readonly #sleep: ReturnType<typeof createSleep>
  /** Nodes that have all of the content: they need not be asked again. */
  readonly #whole = new Set<NodeId>()
  /** By node, what it said it had and did not give. */
  readonly #broken = new Map<NodeId, Set<ChunkId>>()
  /** The news of a content may be here before the node that made it knows that it stands. */
  #hasWaited = false
  /** Some other node has answered. */
  #hasMet = false

  constructor(options: SwarmOptions) {
    this.#options = options
    this.#rates = createPeerRates()
    this.#sleep = createSleep(options.timers)
  }

  async *fetch(hashes: readonly ChunkId[]): AsyncIterable<NamedBytes> {
    const { self, last, list, timers } = this.#options
    const wanted = countsOf(hashes)
    let progressMs = timers.now()
    let fallback: Fallback | undefined
    while (wanted.size > 0) {
      if (this.#options.isStopped?.() === true) throw new SyncError('offline', 'the node is being stopped')
      const { peers, holders, coming } = await this.look([...wanted.keys()])
      const idleMs = timers.now() - progressMs
      if (peers.length === 0 && fallback === undefined) {
        const left = wanted.size
        const failure = yield* this.#fromLast(wanted)
        if (failure === undefined) return
        if (wanted.size < left) progressMs = timers.now()
        if (!this.#maySucceed(failure.error, idleMs)) throw failure.error
        await this.#sleep(LOOK_EVERY_MS)
        continue
      }
      const order = rarestFirst([...wanted.keys()], holders, self).filter((hash) => fallback?.hashes.has(hash) !== true)
      const lacking = order.filter((hash) => !isHeld(holders, hash))
      const own = idleMs > PATIENCE_MS ? lacking : lacking.filter((hash) => fetcherOf(hash, [self, ...coming]) === self)
      if (lacking.length === wanted.size && !this.#hasWaited) {
        this.#hasWaited = true
        await this.#sleep(LOOK_EVERY_MS)
        continue
      }
      if (own.length > 0) fallback ??= beginFallback(last, own)
      const dealt = dealOut(order, holders, { sizeOf: (hash) => sizeIn(list, hash), budgetOf: this.#rates.budgetOf })
      const shares = peers.flatMap((peer) => {
        const share = dealt.get(peer.node)
        return share === undefined ? [] : [this.#fetchShare(peer, share)]
      })
      const waiting = fallback === undefined ? this.#sleep(LOOK_EVERY_MS) : this.#oneOf(fallback)
      const came = shares.length > 0 ? (await Promise.all(shares)).flat() : []
      if (shares.length === 0) await waiting
      if (came.length > 0) progressMs = timers.now()
      yield* this.#handOn(came, wanted)
      if (fallback?.ended !== undefined) {
        const { chunks, failure } = fallback.ended
        yield* this.#handOn(chunks, wanted)
        if (chunks.length > 0) progressMs = timers.now()
        if (failure === undefined) for (const hash of fallback.hashes) wanted.delete(hash)
        else if (!this.#maySucceed(failure.error, idleMs)) throw failure.error
        fallback = undefined
      }
    }
  }

  /** Whom to ask for which of these. */
  async look(hashes: readonly ChunkId[]): Promise<Look> {
    const { content, peers: list } = this.#options
    const peers = await list.current()
    const holders = new Map<NodeId, ReadonlySet<ChunkId>>()
    const coming: NodeId[] = []
    await Promise.all(
      peers.map(async ({ node, client }) => {
        try {
          const asked = this.#whole.has(node)
            ? { state: 'whole' as const, has: new Set(hashes) }
            : await this.#within(LOOK_MS, client.have(content, hashes))
          this.#hasMet = true
          list.worked(node)
          if (asked.state === 'whole') this.#whole.add(node)
          if (asked.state === 'coming') coming.push(node)
          const broken = this.#broken.get(node)
          holders.set(
            node,
            broken === undefined ? asked.has : new Set([...asked.has].filter((hash) => !broken.has(hash))),
          )
        } catch {
          list.drop(node, 'unreachable')
        }
      }),
    )
    return { peers: peers.filter(({ node }) => holders.has(node)), holders, coming }
  }

  /** What a peer gave of its share: all that it gave before something went wrong counts. */
  async #fetchShare({ node, client }: ListedPeer, share: readonly ChunkId[]): Promise<NamedBytes[]> {
    const { content, gave, list, peers, timers } = this.#options
    const begunMs = timers.now()
    const came: NamedBytes[] = []
    const sizeBytes = share.reduce((sum, hash) => sum + sizeIn(list, hash), 0)
    const take = async (): Promise<void> => {
      for await (const chunk of client.chunks(content, share)) came.push(chunk)
    }
    try {
      await this.#within(SHARE_MS + (sizeBytes / LEAST_RATE) * 1000, take())
      this.#noteBroken(node, share, came)
    } catch (error) {
      const wrong = isSyncError(error, 'chunk-corrupt') || isSyncError(error, 'bad-request')
      peers.drop(node, wrong ? 'wrong-bytes' : 'unreachable')
      if (wrong) gave(node, 0, true)
    }
    const gaveBytes = came.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.#rates.took(node, gaveBytes, timers.now() - begunMs)
    if (gaveBytes > 0) gave(node, gaveBytes, false)
    return [...came]
  }

  #noteBroken(node: NodeId, share: readonly ChunkId[], came: readonly NamedBytes[]): void {
    const given = new Set(came.map(({ hash }) => hash))
    const broken = share.filter((hash) => !given.has(hash))
    if (broken.length === 0) return
    this.#whole.delete(node)
    const known = this.#broken.get(node) ?? new Set()
    this.#broken.set(node, known)
    for (const hash of broken) known.add(hash)
  }

  /** Returns what it failed with; what it left out without failing nobody has. */
  async *#fromLast(wanted: Map<ChunkId, number>): AsyncGenerator<NamedBytes, Failure | undefined> {
    try {
      for await (const chunk of this.#options.last.fetch([...wanted.keys()])) yield* this.#handOn([chunk], wanted)
      return undefined
    } catch (error) {
      return { error }
    }
  }

  /** Whether others may still give what the coordinator can't just now. */
  #maySucceed(failure: unknown, idleMs: number): boolean {
    return this.#hasMet && isSyncError(failure, 'offline') && idleMs <= GIVE_UP_MS
  }

  /** Each as often as it is wanted, in memory of its own. */
  *#handOn(chunks: readonly NamedBytes[], wanted: Map<ChunkId, number>): Iterable<NamedBytes> {
    for (const { hash, bytes } of chunks) {
      const times = wanted.get(hash) ?? 0
      wanted.delete(hash)
      if (times === 0) continue
      this.#options.came({ hash, bytes })
      for (let copy = 1; copy < times; copy++) yield { hash, bytes: Uint8Array.from(bytes) }
      yield { hash, bytes }
    }
  }

  #oneOf(fallback: Fallback): Promise<unknown> {
    return Promise.race([fallback.done, this.#sleep(LOOK_EVERY_MS)])
  }

  #within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
    const { timers } = this.#options
    return new Promise((resolve, reject) => {
      const timer = timers.after(milliseconds, () => reject(new Error('it took too long')))
      work.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}

interface Failure {
  readonly error: unknown
}

/** What is being fetched from the last resort, beside all else. */
interface Fallback {
  readonly hashes: ReadonlySet<ChunkId>
  readonly done: Promise<void>
  ended: { readonly chunks: readonly NamedBytes[]; readonly failure: Failure | undefined } | undefined
}

function beginFallback(last: ChunkSource, hashes: readonly ChunkId[]): Fallback {
  const chunks: NamedBytes[] = []
  const take = async (): Promise<void> => {
    for await (const chunk of last.fetch(hashes)) chunks.push(chunk)
  }
  const fallback: Fallback = {
    hashes: new Set(hashes),
    done: take().then(
      () => void (fallback.ended = { chunks, failure: undefined }),
      (error: unknown) => void (fallback.ended = { chunks, failure: { error } }),
    ),
    ended: undefined,
  }
  return fallback
}

function isHeld(holders: Holders, hash: ChunkId): boolean {
  for (const held of holders.values()) if (held.has(hash)) return true
  return false
}

function sizeIn(list: SwarmOptions['list'], hash: ChunkId): number {
  const index = list.findHash(hash)
  return index === -1 ? 0 : list.size(index)
}

function countsOf(hashes: readonly ChunkId[]): Map<ChunkId, number> {
  const counts = new Map<ChunkId, number>()
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1)
  return counts
}
