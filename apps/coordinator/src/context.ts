import type { Log } from './log.ts'
import { createHashWorkers, type HashWorkers } from '@causeway/packing'
import type { MetadataStore, PackStore } from '@causeway/store'
import { systemClock, systemRandom, systemTimers, type Clock, type Random, type Timers } from '@causeway/time'
import { createLogTags, type LogTags } from './folders/log-tags.ts'
import { createChunkDepot, type ChunkDepot } from './folders/chunk-depot.ts'
import { createDamage, type Damage } from './folders/damage.ts'
import { createPackWatch, type PackWatch } from './folders/pack-watch.ts'
import { createBus, type Bus } from './live/bus.ts'
import { createMeter, type Meter } from './live/meter.ts'
import { createTraffic, type Traffic } from './live/traffic.ts'
import { createLedger, type Ledger } from './savings/ledger.ts'
import { createThroughput, type Throughput } from './savings/throughput.ts'

export type { Clock } from '@causeway/time'

/** What the services share. */
export interface Context {
  /** The coordinator's own id: nodes sign in to it by name. */
  readonly id: string
  readonly metadata: MetadataStore
  readonly depot: ChunkDepot
  /** Starts no thread before the first large upload. */
  readonly hashing: HashWorkers
  readonly damage: Damage
  readonly packWatch: PackWatch
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly bus: Bus
  readonly meter: Meter
  readonly traffic: Traffic
  readonly ledger: Ledger
  readonly throughput: Throughput
  readonly log: Log
  readonly tags: LogTags
}

export interface ContextOptions {
  readonly id: string
  /** Signs log positions, hexadecimal. Without one, what this process signed is believed by no other. */
  readonly logKey?: string
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: Random
  readonly log?: Log
}

export function createContext({ id, metadata, packs, ...ports }: ContextOptions): Context {
  const clock = ports.clock ?? systemClock
  const timers = ports.timers ?? systemTimers
  const random = ports.random ?? systemRandom
  const log = ports.log ?? SILENT
  const bus = createBus(log)
  const meter = createMeter(timers.now)
  bus.subscribe('revoked', ({ node }) => meter.forget(node))
  const throughput = createThroughput({ metadata, clock, timers, log, bus })
  const damage = createDamage(metadata, { bus, log, timers })
  return {
    id,
    metadata,
    depot: createChunkDepot(metadata, packs, damage),
    hashing: createHashWorkers(),
    damage,
    packWatch: createPackWatch({ metadata, packs, damage, log, timers }),
    clock,
    timers,
    random,
    bus,
    meter,
    traffic: createTraffic(timers.now),
    ledger: createLedger({ metadata, clock, timers, log, bus, throughput }),
    throughput,
    log,
    tags: createLogTags(ports.logKey ?? random.hex(32)),
  }
}

/** The clock's time as ISO 8601. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
