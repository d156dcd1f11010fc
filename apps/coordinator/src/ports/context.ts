import type { MetadataStore } from '@causeway/store'
import { createLogTags, createRecentCommits, createSignals, type Log, type LogPorts, type Signals } from '@causeway/log'
import { systemClock, systemRandom, systemTimers, type Clock, type Random, type Timers } from '@causeway/time'
import { createBroadcasts, type Broadcasts, type Speaker } from './broadcasts.ts'
import { NO_PINS, type KeyPins } from './served-tls.ts'
import type { Observations, Observer } from './observations.ts'
import { createPeerTokens, type PeerTokens } from './peer-tokens.ts'

/** What every service is given: ports alone, and no service. */
export interface Context extends LogPorts {
  /** The coordinator's own id: nodes sign in to it by name. */
  readonly id: string
  readonly observe: Observer
  readonly broadcasts: Broadcasts
  /** Names this process in what it broadcasts. */
  readonly speaker: Speaker
  readonly keyPins: KeyPins
  /** The wall clock as it was when this process started, and moved on by the timers: how long sessions last, whoever sets the clock. */
  readonly steadyClock: Clock
  readonly peerTokens: PeerTokens
}

export interface ContextOptions {
  readonly id: string
  /** Signs log positions and what nodes show one another, hexadecimal. Without one, what this process signed is believed by no other. */
  readonly logKey?: string
  readonly metadata: MetadataStore
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: Random
  readonly log?: Log
  /** Between all who serve the same store; without it, this process is alone. */
  readonly signals?: Signals
  readonly broadcasts?: Broadcasts
  /** Without it, nodes have pinned no key of this coordinator. */
  readonly keyPins?: KeyPins
  readonly observations: Observations
}

export function createContext({ id, metadata, ...ports }: ContextOptions): Context {
  const log = ports.log ?? SILENT
  const random = ports.random ?? systemRandom
  const clock = ports.clock ?? systemClock
  const timers = ports.timers ?? systemTimers
  const startedAt = clock.now() - timers.now()
  const logKey = ports.logKey ?? random.hex(32)
  return {
    id,
    metadata,
    clock,
    timers,
    steadyClock: { now: () => startedAt + timers.now() },
    random,
    signals: ports.signals ?? createSignals(log),
    broadcasts: ports.broadcasts ?? createBroadcasts(log),
    speaker: random.hex(8),
    keyPins: ports.keyPins ?? NO_PINS,
    recent: createRecentCommits(),
    observe: ports.observations.tell,
    log,
    tags: createLogTags(logKey),
    peerTokens: createPeerTokens(id, logKey),
  }
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
