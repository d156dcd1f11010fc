import { setTimeout as sleep } from 'node:timers/promises'
import { recentOutput } from './processes.ts'

/**
 * Repeats `attempt` until it does not throw, and returns what it gave. When
 * time runs out, the error says what was awaited, how the last attempt failed,
 * and what the processes printed last.
 */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T> | T,
  { timeoutMs = 60_000, everyMs = 30 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (cause) {
      if (Date.now() > deadline) {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`not within ${timeoutMs / 1000} s: ${what}\n${why}\n${recentOutput()}`, { cause })
      }
    }
    await sleep(everyMs)
  }
}
