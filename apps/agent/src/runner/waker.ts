import type { Sleep } from '../link/backoff.ts'

/** A wait that others may cut short. */
export interface Waker {
  /** Resolves after this long, or when it is woken. */
  wait(timeoutMs: number): Promise<void>
  /** Without effect while nobody waits. */
  wake(): void
}

/** A timer can't be set further ahead than this; waking early is harmless. */
const LONGEST_MS = 2 ** 31 - 1

export function createWaker(sleep: Sleep): Waker {
  let wake: () => void = () => undefined
  return {
    async wait(timeoutMs) {
      const woke = new AbortController()
      wake = () => woke.abort(new Error('woken'))
      try {
        await sleep(Math.min(timeoutMs, LONGEST_MS), woke.signal)
      } catch (error) {
        if (!woke.signal.aborted) throw error
      } finally {
        wake = () => undefined
      }
    },
    wake: () => wake(),
  }
}
