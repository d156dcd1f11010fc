import { createCoordinator, type Coordinator } from '../../../apps/coordinator/src/coordinator.ts'
import {
  createLinkSession,
  type LinkSession,
  type SessionSocket,
} from '../../../apps/coordinator/src/feed/node-feed.ts'
import { SyncError, type NodeId } from '@causeway/protocol'
import type { MetadataReader, MetadataStore, PackStore } from '@causeway/store'
import type { SignalKeys } from '@causeway/log'
import type { VirtualTime } from '@causeway/time'
import type { Chance } from './chance.ts'
import { Ended, Life, mortal } from './mortal.ts'

/** Signs the positions of every coordinator of the world, as a key from the store does. */
const LOG_KEY = '5e'.repeat(32)

export interface CoordinatorWorld {
  readonly name: string
  readonly time: VirtualTime
  readonly chance: Chance
  readonly packs: PackStore
  readonly metadata: () => MetadataStore
  readonly wallNow: () => number
  readonly log: (line: string) => void
  /** A commit is durable here: what the others may be told of it. */
  readonly onChange: (change: SignalKeys['change']) => void
}

interface Incarnation {
  readonly life: Life
  readonly coordinator: Coordinator
}

/** The real coordinator, with all that `serve` starts, in a process that can be killed at any call to its database. */
export class SimulatedCoordinator {
  readonly #world: CoordinatorWorld
  #current: Incarnation | null = null

  constructor(world: CoordinatorWorld) {
    this.#world = world
    this.start()
  }

  get name(): string {
    return this.#world.name
  }

  get isUp(): boolean {
    return this.#current !== null
  }

  /** Ends when this process of it does. */
  get life(): Life {
    return this.#running().life
  }

  get coordinator(): Coordinator {
    return this.#running().coordinator
  }

  start(): void {
    const { time, chance, packs, wallNow, log, name, onChange } = this.#world
    const life = new Life()
    const process = time.process()
    life.onEnd(() => process.end())
    const metadata = mortalStore(this.#world.metadata(), life, () => {
      if (!chance.hits('coordinatorCrash')) return
      log(`${name} is killed in the middle of something`)
      this.kill()
    })
    const coordinator = createCoordinator({
      id: 'test',
      logKey: LOG_KEY,
      metadata,
      packs: mortal(packs, life),
      clock: { now: wallNow },
      timers: process.timers,
      random: chance.port(),
      log: {
        debug() {},
        info() {},
        warn: (details, message) => log(`${name} warns: ${message} ${reasonOf(details)}`),
        error: (details, message) => log(`${name} fails: ${message} ${reasonOf(details)}`),
      },
    })
    const { context, measure, packWatch, housekeeping, removedFolders } = coordinator
    this.#current = { life, coordinator }
    context.signals.subscribe('change', (change) => {
      if (!HINTED.has(change)) onChange(change)
    })
    measure.start()
    packWatch.start()
    housekeeping.start()
    removedFolders.start()
  }

  /** The process ends, whatever it was doing. */
  kill(): void {
    const running = this.#current
    this.#current = null
    running?.life.end()
  }

  /** What comes of a request; `offline` where the process ends first. */
  answer<T>(ask: (coordinator: Coordinator) => Promise<T>): Promise<T> {
    const { life, coordinator } = this.#running()
    return new Promise((resolve, reject) => {
      life.onEnd(() => reject(new SyncError('offline', `${this.name} went away`)))
      ask(coordinator).then(resolve, (error: unknown) => {
        if (!life.isOver) reject(error)
      })
    })
  }

  openSession(node: NodeId, socket: SessionSocket): LinkSession {
    const { coordinator } = this.#running()
    return createLinkSession(coordinator.context, coordinator, node, socket)
  }

  /** Another coordinator tells of a commit: a hint that may be late, lost or repeated. */
  hint(change: SignalKeys['change']): void {
    const told = { ...change }
    HINTED.add(told)
    this.#current?.coordinator.context.signals.publish('change', told)
  }

  /** A round of upkeep, beside all else. */
  keepUp(): void {
    const running = this.#current
    running?.coordinator.housekeeping.run().catch((error: unknown) => {
      if (!running.life.isOver) this.#world.log(`${this.name} upkeep failed: ${String(error)}`)
    })
  }

  #running(): Incarnation {
    if (this.#current === null) throw new SyncError('offline', `${this.name} is down`)
    return this.#current
  }
}

/** Changes that were told by another coordinator: nobody tells them on. */
const HINTED = new WeakSet<SignalKeys['change']>()

/** A store as a process has it that may end inside a transaction: nothing of what it wrote there stays. */
function mortalStore(store: MetadataStore, life: Life, beforeCall: () => void): MetadataStore {
  const within = <Tx extends MetadataReader, T>(work: (tx: Tx) => Promise<T>) => {
    return async (tx: Tx): Promise<T> => {
      life.check()
      const value = await work(mortal(tx, life, beforeCall))
      life.check()
      return value
    }
  }
  return {
    read: (work) => store.read(within(work)),
    write: (work) => store.write(within(work)),
    giveBackSpace: (signal) => store.giveBackSpace(signal),
    close: async () => undefined,
  }
}

function reasonOf(details: object): string {
  const error = 'err' in details ? details.err : undefined
  return error instanceof Ended ? 'ended' : error instanceof Error ? error.message : ''
}
