import { SyncError } from '@causeway/protocol'
import type { Random } from './random.ts'
import type { SimulatedNode } from './simulated-node.ts'

/** The process ended in the middle of a call. */
export class Crash extends Error {}

export interface FaultRates {
  /** A request never arrives. */
  readonly offline: number
  /** It arrives and takes effect, and its answer is lost. */
  readonly lostAnswer: number
  /** The node's process ends at a call to its disk. */
  readonly crash: number
  /** The disk refuses one call. */
  readonly diskError: number
  /** A person changes something in the middle of a cycle. */
  readonly interference: number
  /** A push arrives only with a later cycle, and all behind it too. */
  readonly latePush: number
  /** A push arrives once more, behind others. */
  readonly repeatedPush: number
  /** A push never arrives. */
  readonly lostPush: number
}

export const NO_FAULTS: FaultRates = {
  offline: 0,
  lostAnswer: 0,
  crash: 0,
  diskError: 0,
  interference: 0,
  latePush: 0,
  repeatedPush: 0,
  lostPush: 0,
}

const DISK_CALLS_THAT_MAY_FAIL = new Set([
  'open',
  'read',
  'stage',
  'write',
  'placeNew',
  'replace',
  'move',
  'removeFile',
  'list',
])

/** Throws faults by chance, at the rates in force. */
export class Faults {
  rates: FaultRates = NO_FAULTS
  readonly counts = new Map<string, number>()
  readonly #random: Random
  readonly #interfere: (node: SimulatedNode) => void

  constructor(random: Random, interfere: (node: SimulatedNode) => void) {
    this.#random = random
    this.#interfere = interfere
  }

  async beforeSend(_node: SimulatedNode): Promise<void> {
    if (this.#hits('offline')) throw new SyncError('offline', 'the request was lost')
  }

  async beforeAnswer(_node: SimulatedNode): Promise<void> {
    if (this.#hits('lostAnswer')) throw new SyncError('offline', 'the answer was lost')
  }

  async beforeDisk(node: SimulatedNode, method: string): Promise<void> {
    if (method !== 'clearStaging' && this.#hits('crash')) throw new Crash(`crash at ${method}`)
    if (DISK_CALLS_THAT_MAY_FAIL.has(method) && this.#hits('diskError')) {
      throw new SyncError('io-error', `${method} failed (EIO)`)
    }
    if (this.#hits('interference')) this.#interfere(node)
  }

  losesPush(): boolean {
    return this.#hits('lostPush')
  }

  repeatsPush(): boolean {
    return this.#hits('repeatedPush')
  }

  delaysPush(): boolean {
    return this.#hits('latePush')
  }

  #hits(fault: keyof FaultRates): boolean {
    const hit = this.rates[fault] > 0 && this.#random.chance(this.rates[fault])
    if (hit) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
    return hit
  }
}
