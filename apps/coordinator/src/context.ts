import type { Log } from './log.ts'
import { randomBytes } from 'node:crypto'
import { createHashWorkers, type HashWorkers } from '@causeway/packing'
import type { MetadataStore, PackStore } from '@causeway/store'
import { createLogTags, type LogTags } from './folders/log-tags.ts'
import { createChunkDepot, type ChunkDepot } from './folders/chunk-depot.ts'
import { createDamage, type Damage } from './folders/damage.ts'
import { createPackWatch, type PackWatch } from './folders/pack-watch.ts'
import { createBus, type Bus } from './live/bus.ts'
import { createMeter, type Meter } from './live/meter.ts'
import { createTraffic, type Traffic } from './live/traffic.ts'
import { createLedger, type Ledger } from './savings/ledger.ts'
import { createThroughput, type Throughput } from './savings/throughput.ts'

/** Wall clock, milliseconds since 1970: for people and expiry, never for the order of changes. */
export interface Clock {
  now(): number
}

export interface Random {
  /** That many random bytes, unguessable in production, as lower-case hex. */
  hex(bytes: number): string
}

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
  /** Time that passes, however the other clock is set: for what is good for so long from now, in this process. */
  readonly steady: Clock
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
  /** `clock` if that alone is given. */
  readonly steady?: Clock
  readonly random?: Random
  readonly log?: Log
}

export function createContext({ id, metadata, packs, ...ports }: ContextOptions): Context {
  const clock = ports.clock ?? { now: () => Date.now() }
  const steady = ports.steady ?? ports.clock ?? { now: () => performance.now() }
  const log = ports.log ?? SILENT
  const bus = createBus(log)
  const meter = createMeter()
  bus.subscribe('revoked', ({ node }) => meter.forget(node))
  const throughput = createThroughput({ metadata, clock, log, bus })
  const damage = createDamage(metadata, { bus, log })
  return {
    id,
    metadata,
    depot: createChunkDepot(metadata, packs, damage),
    hashing: createHashWorkers(),
    damage,
    packWatch: createPackWatch({ metadata, packs, damage, log }),
    clock,
    steady,
    random: ports.random ?? { hex: (bytes) => randomBytes(bytes).toString('hex') },
    bus,
    meter,
    traffic: createTraffic(() => performance.now()),
    ledger: createLedger({ metadata, clock, log, bus, throughput }),
    throughput,
    log,
    tags: createLogTags(ports.logKey ?? randomBytes(32).toString('hex')),
  }
}

/** The clock's time as ISO 8601. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
