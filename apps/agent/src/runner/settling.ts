import type { Halt } from '../cycle/cycle-context.ts'
import type { Problem } from '../cycle/problem.ts'

/** How waiting for a folder ended. */
export type Settled =
  | { readonly kind: 'done'; readonly problems: readonly Problem[] }
  /** All is done but for what stays until a person has done something: the problems say what. */
  | { readonly kind: 'blocked'; readonly problems: readonly Problem[] }
  /** Nothing more happens until a person has done something. */
  | {
      readonly kind: 'halted'
      readonly reason: string
      /** What a brake holds back; null where something else stands in the way. */
      readonly halt: Halt | null
      /** Of what stands in the way; `paused` where a person has paused the folder. */
      readonly code: string
    }

/** Those who wait for a folder to be done, and the cycles that can tell them. */
export interface Settling {
  wait(signal: AbortSignal): Promise<Settled>
  /** A cycle begins: it can speak for all who waited before. Returns what `end` needs to know them. */
  begin(): number
  end(began: number, settled: Settled): void
}

export function createSettling(): Settling {
  let waiting: { since: number; resolve(settled: Settled): void }[] = []
  let clock = 0

  return {
    wait(signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const waiter = { since: ++clock, resolve }
        waiting.push(waiter)
        const giveUp = () => {
          waiting = waiting.filter((other) => other !== waiter)
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    begin: () => clock,
    end(began, settled) {
      const answered = waiting.filter(({ since }) => since <= began)
      waiting = waiting.filter(({ since }) => since > began)
      for (const waiter of answered) waiter.resolve(settled)
    },
  }
}
