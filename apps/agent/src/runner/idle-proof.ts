import { isSyncError } from '@causeway/protocol'
import { systemRandom } from '@causeway/time'
import { createBackoff, type Sleep } from '../link/backoff.ts'
import { messageOf } from '../link/json-call.ts'
import type { Verdict } from '../cycle/prove-idle.ts'

/** When a folder is compared with the coordinator's. */
export interface ProofPace {
  /** So long after a cycle, if nothing else is under way then. */
  readonly restMs: number
  /** No sooner than this after it was last shown to be equal. */
  readonly gapMs: number
  /** So often where nothing happens at all. */
  readonly repeatMs: number
}

export const PROOF_PACE: ProofPace = { restMs: 3_000, gapMs: 30_000, repeatMs: 10 * 60_000 }

/** Keeps comparing what a node believes of a folder with what the coordinator holds. */
export interface IdleProof {
  start(): void
  /** Returns once nothing of it is under way. */
  stop(): Promise<void>
  /** A cycle has come to its end. */
  rested(): void
  /** When both were last shown to hold the same, ISO 8601. */
  readonly provedAt: string | null
  /** Why it could not be compared, where the last attempt failed. */
  readonly failure: string | null
}

export interface IdleProofOptions {
  /** See `proveIdle`. */
  prove(shown: string | null, signal: AbortSignal): Promise<Verdict>
  /** True if no cycle runs or is due, and the coordinator can be asked. */
  isAtRest(): boolean
  /** Called when the two differ: a cycle is to read again what does. */
  onDoubt(): void
  /** Called each time that they were shown to be equal. */
  onProof(): void
  readonly sleep: Sleep
  /** Milliseconds since 1970: for what is said to people. */
  readonly now: () => number
  /** Spreads the waits. */
  readonly random?: () => number
  readonly pace: ProofPace
}

/** What differs still after it was read again is read again, but less and less often. */
const DIFFERS_MS = { firstMs: 2_000, limitMs: 10 * 60_000 }

export function createIdleProof(options: IdleProofOptions): IdleProof {
  const { prove, isAtRest, onDoubt, onProof, sleep, now, random = systemRandom.fraction, pace } = options
  const stopping = new AbortController()
  const laters = createBackoff({ firstMs: pace.restMs, limitMs: pace.gapMs, random })
  const differences = createBackoff({ ...DIFFERS_MS, random })
  let loop: Promise<void> = Promise.resolve()
  let isDue = false
  let wake: () => void = () => undefined
  let shown: string | null = null
  let provedAt: string | null = null
  let failure: string | null = null

  async function run(): Promise<void> {
    for (;;) {
      await cycleOrRepeat()
      await sleep(pace.restMs, stopping.signal)
      if (isAtRest()) await sleep(await attempt(), stopping.signal)
    }
  }

  /** Resolves after a cycle; or after a long time without one, and then what was shown must be shown again. */
  async function cycleOrRepeat(): Promise<void> {
    if (!isDue) {
      const woke = new AbortController()
      wake = () => woke.abort(new Error('a cycle has ended'))
      try {
        await sleep(pace.repeatMs, AbortSignal.any([woke.signal, stopping.signal]))
        shown = null
      } catch (error) {
        if (!woke.signal.aborted) throw error
      } finally {
        wake = () => undefined
      }
    }
    isDue = false
  }

  /** Returns the milliseconds until the next. */
  async function attempt(): Promise<number> {
    const verdict = await verdictOf()
    // Whatever it was, it is not over: no cycle is needed for the next attempt.
    isDue ||= verdict.kind !== 'equal'
    if (verdict.kind === 'not-now') return laters.next()
    laters.reset()
    if (verdict.kind === 'differs') {
      shown = null
      onDoubt()
      return differences.next()
    }
    differences.reset()
    if (verdict.what !== shown) provedAt = new Date(now()).toISOString()
    shown = verdict.what
    onProof()
    return pace.gapMs
  }

  /** Syncing does not depend on it: what fails here is told, and tried again. */
  async function verdictOf(): Promise<Verdict> {
    try {
      const verdict = await prove(shown, stopping.signal)
      failure = null
      return verdict
    } catch (error) {
      stopping.signal.throwIfAborted()
      failure = isSyncError(error, 'offline') ? null : messageOf(error)
      return { kind: 'not-now' }
    }
  }

  return {
    start() {
      loop = run().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error
      })
    },
    async stop() {
      stopping.abort(new Error('the node is stopping'))
      await loop
    },
    rested() {
      isDue = true
      wake()
    },
    get provedAt() {
      return provedAt
    },
    get failure() {
      return failure
    },
  }
}
