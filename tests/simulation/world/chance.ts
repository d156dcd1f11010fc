import type { Random as RandomPort } from '@causeway/time'
import type { Random } from '../random.ts'

/** How often each fault happens, of all the times that it could. */
export interface FaultRates {
  /** A request never arrives. */
  readonly lostRequest: number
  /** It arrives and takes effect, and its answer is lost. */
  readonly lostAnswer: number
  /** It arrives once more, as a proxy's repetition does, and the second answer counts. */
  readonly doubledRequest: number
  /** A push arrives twice. */
  readonly doubledPush: number
  /** A socket breaks at a message. */
  readonly cut: number
  /** A message takes long. */
  readonly slow: number
  /** What a coordinator tells the others of a commit is lost. */
  readonly lostHint: number
  /** The watcher misses something. */
  readonly missedEvent: number
  /** A call to the disk takes its time, and other things happen meanwhile. */
  readonly slowDisk: number
  /** The node's process ends at a call to its disk. */
  readonly crash: number
  /** The disk refuses one call. */
  readonly diskError: number
  /** A person changes something in the middle of a cycle. */
  readonly interference: number
  /** A coordinator's process ends at a call to its database. */
  readonly coordinatorCrash: number
}

export const NO_FAULTS: FaultRates = {
  lostRequest: 0,
  lostAnswer: 0,
  doubledRequest: 0,
  doubledPush: 0,
  cut: 0,
  slow: 0,
  lostHint: 0,
  missedEvent: 0,
  slowDisk: 0,
  crash: 0,
  diskError: 0,
  interference: 0,
  coordinatorCrash: 0,
}

const MOST: FaultRates = {
  lostRequest: 0.1,
  lostAnswer: 0.15,
  doubledRequest: 0.1,
  doubledPush: 0.2,
  cut: 0.05,
  slow: 0.2,
  lostHint: 0.5,
  missedEvent: 0.3,
  slowDisk: 0.1,
  crash: 0.01,
  diskError: 0.02,
  interference: 0.04,
  coordinatorCrash: 0.003,
}

/** All that is left to chance in one run. The same seed gives the same run. */
export class Chance {
  readonly random: Random
  rates: FaultRates = NO_FAULTS
  readonly counts = new Map<string, number>()

  constructor(random: Random) {
    this.random = random
  }

  /** Each run has its own mix: some are calm, some are hit from every side. */
  drawRates(): void {
    const drawn = Object.entries(MOST).map(([fault, most]) => {
      return [fault, this.random.chance(0.5) ? this.random.next() * Number(most) : 0] as const
    })
    this.rates = { ...NO_FAULTS, ...Object.fromEntries(drawn) }
  }

  hits(fault: keyof FaultRates): boolean {
    const rate = this.rates[fault]
    const hit = rate > 0 && this.random.chance(rate)
    if (hit) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
    return hit
  }

  /** For what takes randomness from a port. */
  port(): RandomPort {
    const { random } = this
    return {
      hex: (bytes) => Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, '0')).join(''),
      fraction: () => random.next(),
    }
  }
}
