import type { MetadataStore } from '@causeway/store'
import { createLogTags, createRecentCommits, createSignals, type Log, type LogPorts, type Signals } from '@causeway/log'
import { systemClock, systemRandom, systemTimers, type Clock, type Random, type Timers } from '@causeway/time'
import { createBroadcasts, type Broadcasts } from './broadcasts.ts'
import { NO_PINS, type KeyPins } from './served-tls.ts'
import type { Observations, Observer } from './observations.ts'
import { createPeerTokens, type PeerTokens } from './peer-tokens.ts'

/** What every service is given: ports alone, and no service. */
export interface Context extends LogPorts {
  /** The coordinator's own id: nodes sign in to it by name. */
  readonly id: string
  readonly observe: Observer
  readonly broadcasts: Broadcasts
  readonly keyPins: KeyPins
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
  /** Without it, nodes have pinned no key of this coordinator. */
  readonly keyPins?: KeyPins
  readonly observations: Observations
}

export function createContext({ id, metadata, ...ports }: ContextOptions): Context {
  const log = ports.log ?? SILENT
  const random = ports.random ?? systemRandom
  const logKey = ports.logKey ?? random.hex(32)
  return {
    id,
    metadata,
    clock: ports.clock ?? systemClock,
    timers: ports.timers ?? systemTimers,
    random,
    signals: ports.signals ?? createSignals(log),
    broadcasts: createBroadcasts(log),
    keyPins: ports.keyPins ?? NO_PINS,
    recent: createRecentCommits(),
    observe: ports.observations.tell,
    log,
    tags: createLogTags(logKey),
    peerTokens: createPeerTokens(id, logKey),
  }
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
