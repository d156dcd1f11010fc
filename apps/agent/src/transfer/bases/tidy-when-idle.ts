import { sleep } from '../../link/backoff.ts'
import type { FolderBases } from './base-cache.ts'

/** Keeps copies once a folder has been at rest for a while. */
export interface IdleTidying {
  /** Something was done just now: what is under way ends, and the wait begins anew. */
  disturb(): void
  /** Ends it, once no file is being copied any more. */
  stop(): Promise<void>
}

const REST_MS = 1_500

export function tidyWhenIdle(bases: Pick<FolderBases, 'tidy'>, restMs: number = REST_MS): IdleTidying {
  let current: AbortController | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  async function rest(signal: AbortSignal): Promise<void> {
    try {
      await sleep(restMs, signal)
    } catch {
      return
    }
    running = running.then(() => (signal.aborted ? undefined : bases.tidy(signal)))
    // It tells nobody: what it could not do costs bytes, one day.
    running = running.catch(() => undefined)
  }

  return {
    disturb() {
      if (stopped) return
      current?.abort()
      current = new AbortController()
      void rest(current.signal)
    },
    async stop() {
      stopped = true
      current?.abort()
      await running
    },
  }
}
