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
  const random = options.random ?? Math.random
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

/** Resolves after `ms`, or rejects with the signal's reason as soon as that aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
