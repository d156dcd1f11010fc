import type { Coming, NodeId } from '@causeway/protocol'
import type { Files } from '@causeway/replica'
import { systemTimers, type Timer, type Timers } from '@causeway/time'
import type { ChunkSource, ProgressListener } from '../../ports.ts'
import { fetchAhead } from './fetch-ahead.ts'
import type { HashingWriters } from './hashing-writer.ts'
import { NO_LEFTOVERS } from './leftovers.ts'
import { beginAssembly, discardAssembly, type Assembly } from './assembly.ts'
import { ChunkTable } from './chunk-table.ts'
import { writeSparsely } from './copy-bytes.ts'
import type { NodeContents } from './node-contents.ts'

/**
 * Fetches what another node is still sending, before it is known what it will
 * be called. A guess that proves wrong costs what was fetched and nothing else.
 */
export interface Prefetcher {
  prefetch(coming: Coming, from: NodeId): void
  /**
   * Hands over the staged file that this content begins with, once it holds all
   * that was announced (or as far as it came, if that could not be fetched);
   * `undefined` if there is none. What is still to be written is told as progress.
   */
  claim(table: ChunkTable, signal: AbortSignal): Promise<Assembly | undefined>
  /** Gives up all that nobody claimed, and removes it. */
  forget(): Promise<void>
}

export interface PrefetcherContext {
  readonly files: Files
  readonly chunks: ChunkSource
  readonly progress: ProgressListener
  readonly writers: HashingWriters
  readonly contents: NodeContents
  /** Shared with other folders; its own if left out. */
  readonly room?: PrefetchRoom
  /** How long after its last announcement something is waited for. */
  readonly patienceMs?: number
  readonly timers?: Timers
}

/** How much may be prefetched at once. */
export interface PrefetchRoom {
  left: number
}

export function createPrefetchRoom(): PrefetchRoom {
  return { left: MOST_AT_ONCE }
}

/** What is smaller is here soon enough after its commit. */
const LEAST_BYTES = 8 * 1024 * 1024
const MOST_AT_ONCE = 2
/** Fewer than a download that is waited for has: that one goes first. */
const REQUESTS_UNDER_WAY = 3
const PATIENCE_MS = 60_000

export function createPrefetcher(context: PrefetcherContext): Prefetcher {
  const { patienceMs = PATIENCE_MS, room = createPrefetchRoom() } = context
  const prefetched = new Map<string, Prefetched>()

  function take(key: string): Prefetched | undefined {
    const taken = prefetched.get(key)
    if (prefetched.delete(key)) room.left++
    return taken
  }

  async function drop(key: string): Promise<void> {
    await take(key)?.giveUp()
  }

  function begin(key: string, coming: Coming): void {
    if (coming.first !== 0 || coming.sizeBytes < LEAST_BYTES || room.left === 0) return
    const table = ChunkTable.decode(coming.chunks)
    // What another file here shares need not be fetched, and the commit will say what that is.
    if (context.contents.similar(table).length > 0) return
    room.left--
    prefetched.set(key, new Prefetched(context, coming.sizeBytes, table, patienceMs, () => void drop(key)))
  }

  return {
    prefetch(coming, from) {
      const key = `${from} ${coming.upload}`
      const known = prefetched.get(key)
      try {
        if (known === undefined) begin(key, coming)
        else if (!known.extend(coming)) void drop(key)
      } catch {
        // Ignore announcements that do not fit.
        void drop(key)
      }
    },
    async claim(table, signal) {
      for (const [key, candidate] of prefetched) {
        if (candidate.count === 0 || !table.startsWith(candidate.table)) continue
        take(key)
        const assembly = await candidate.claim(signal)
        if (assembly !== undefined) return assembly
      }
      return undefined
    },
    async forget() {
      await Promise.all([...prefetched.keys()].map(drop))
    },
  }
}

class Prefetched {
  readonly table: ChunkTable
  readonly #context: PrefetcherContext
  readonly #sizeBytes: number
  readonly #patienceMs: number
  readonly #timers: Timers
  readonly #giveUp: () => void
  readonly #queue: ReturnType<typeof fetchAhead>
  /** `undefined` if there was no room for it. */
  readonly #assembly: Promise<Assembly | undefined>
  #asked = 0
  #isStopped = false
  #isClaimed = false
  #patience: Timer | undefined
  #work: Promise<void>

  constructor(
    context: PrefetcherContext,
    sizeBytes: number,
    table: ChunkTable,
    patienceMs: number,
    giveUp: () => void,
  ) {
    this.table = table
    this.#context = context
    this.#sizeBytes = sizeBytes
    this.#patienceMs = patienceMs
    this.#timers = context.timers ?? systemTimers
    this.#giveUp = giveUp
    this.#queue = fetchAhead({ ...context, requestsUnderWay: REQUESTS_UNDER_WAY })
    // Nothing that is sure is given up for what is only expected.
    this.#assembly = beginAssembly({ ...context, leftovers: NO_LEFTOVERS }, sizeBytes).catch(() => undefined)
    this.#work = this.#fetchOn()
    this.#waitOn()
  }

  get count(): number {
    return this.table.count
  }

  /** False if this does not go on where the last announcement ended. */
  extend(coming: Coming): boolean {
    const next = ChunkTable.decode(coming.chunks)
    const isNext = coming.first === this.table.count
    const fits = this.table.sizeBytes + next.sizeBytes <= this.#sizeBytes
    if (!isNext || !fits || coming.sizeBytes !== this.#sizeBytes) return false
    this.table.append(coming.chunks)
    this.#waitOn()
    this.#work = this.#work.then(() => this.#fetchOn())
    return true
  }

  async claim(signal: AbortSignal): Promise<Assembly | undefined> {
    this.#patience?.cancel()
    this.#isClaimed = true
    const done = (await this.#assembly)?.done ?? 0
    this.#context.progress.planned(0, this.table.sizeBytes - this.table.offset(done))
    const stop = (): void => this.#stop()
    signal.addEventListener('abort', stop, { once: true })
    await this.#work
    signal.removeEventListener('abort', stop)
    const assembly = await this.#assembly
    if (assembly === undefined || (assembly.done > 0 && !signal.aborted)) return assembly
    await discardAssembly(assembly)
    signal.throwIfAborted()
    return undefined
  }

  async giveUp(): Promise<void> {
    this.#stop()
    this.#patience?.cancel()
    await this.#work
    const assembly = await this.#assembly
    if (assembly !== undefined) await discardAssembly(assembly).catch(() => undefined)
  }

  #stop(): void {
    this.#isStopped = true
    this.#queue.stop()
  }

  #waitOn(): void {
    this.#patience?.cancel()
    this.#patience = this.#timers.after(this.#patienceMs, this.#giveUp).unref()
  }

  async #fetchOn(): Promise<void> {
    const assembly = await this.#assembly
    try {
      while (assembly !== undefined && !this.#isStopped && assembly.done < this.table.count) {
        while (this.#asked < this.table.count && this.#queue.hasRoom) this.#queue.add(this.table.chunk(this.#asked++))
        const bytes = await this.#queue.take(this.table.chunk(assembly.done))
        if (this.#isStopped) return
        await writeSparsely(assembly.writer, bytes)
        assembly.done++
        if (this.#isClaimed) this.#context.progress.moved(bytes.length)
        this.#queue.used(bytes)
      }
    } catch {
      // As far as it came it may still be of use; the download itself finds out what is wrong.
      this.#stop()
    }
  }
}
