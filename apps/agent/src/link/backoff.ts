import { createSleep, systemRandom, systemTimers, type Sleep } from '@causeway/time'

export type { Sleep } from '@causeway/time'

/** How long to wait before the next attempt. */
export interface Backoff {
  /** Milliseconds to wait now; grows with every call, with jitter, up to the limit. */
  next(): number
  /** Forgets earlier failures. */
  reset(): void
}

/**
 * Doubling waits between `firstMs` and `limitMs`. Each is drawn from the upper
 * half of its range, so that many nodes cut off at once do not come back at once.
 */
export function createBackoff(options: { firstMs: number; limitMs: number; random?: () => number }): Backoff {
  const random = options.random ?? systemRandom.fraction
  let failures = 0
  return {
    next() {
      const ceiling = Math.min(options.limitMs, options.firstMs * 2 ** failures)
      failures = Math.min(failures + 1, 30)
      return ceiling * (0.5 + random() / 2)
    },
    reset() {
      failures = 0
    },
  }
}

export const sleep: Sleep = createSleep(systemTimers)
