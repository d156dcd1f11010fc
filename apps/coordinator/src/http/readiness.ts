import type { MetadataStore } from '@causeway/store'
import type { Timers } from '@causeway/time'
import type { Drain } from './drain.ts'

/** Whether requests should be sent to this coordinator. */
export interface Readiness {
  /** Null if they should; otherwise why not, in words that tell a stranger nothing of the inside. Never rejects. */
  obstacle(): Promise<string | null>
}

export interface ReadinessOptions {
  readonly metadata: Pick<MetadataStore, 'read'>
  /** False where the packs are not where they were. */
  readonly packsAreInPlace: () => Promise<boolean>
  readonly drain: Pick<Drain, 'isDraining'>
  readonly timers: Timers
}

const DRAINING = 'this coordinator is stopping'
const NO_DATABASE = 'the database cannot be reached'
const NO_PACKS = 'the chunk store cannot be reached'

/** A store that takes longer than this to answer is as good as gone. */
const PATIENCE_MS = 2_000
/** Asking more often than this gets the last answer: strangers must not keep the stores busy. */
const KEPT_MS = 500

export function createReadiness({ metadata, packsAreInPlace, drain, timers }: ReadinessOptions): Readiness {
  let last: { readonly at: number; readonly answer: Promise<string | null> } | undefined

  async function look(): Promise<string | null> {
    const [database, packs] = await Promise.all([
      answers(() => metadata.read((tx) => tx.setting('health')).then(() => true)),
      answers(packsAreInPlace),
    ])
    if (!database) return NO_DATABASE
    return packs ? null : NO_PACKS
  }

  /** True if it said yes in time. */
  function answers(ask: () => Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = timers.after(PATIENCE_MS, () => resolve(false)).unref()
      const settle = (answer: boolean) => {
        timer.cancel()
        resolve(answer)
      }
      ask().then(settle, () => settle(false))
    })
  }

  return {
    async obstacle() {
      if (drain.isDraining) return DRAINING
      if (last === undefined || timers.now() - last.at >= KEPT_MS) last = { at: timers.now(), answer: look() }
      return last.answer
    },
  }
}
