import type { RelativePath } from '../files.ts'
import type { WatchHint } from '../watcher.ts'
import { createHintBatch } from './hint-batch.ts'

export interface HintTimer {
  add(directory: RelativePath, recursive: boolean): void
  /** Gives out nothing any more. */
  stop(): void
}

/** Gives hints out together, after a pause of `quietMs` in the events, and `maxWaitMs` after the first at the latest. */
export function createHintTimer(
  { quietMs, maxWaitMs }: { readonly quietMs: number; readonly maxWaitMs: number },
  give: (hints: readonly WatchHint[]) => void,
): HintTimer {
  const batch = createHintBatch()
  let timer: NodeJS.Timeout | undefined
  let firstEventMs = 0
  let lastEventMs = 0

  function flush(): void {
    const nowMs = performance.now()
    const quietAtMs = lastEventMs + quietMs
    const latestMs = firstEventMs + maxWaitMs
    if (nowMs < quietAtMs && nowMs < latestMs) {
      timer = setTimeout(flush, Math.max(1, Math.min(quietAtMs, latestMs) - nowMs))
      return
    }
    timer = undefined
    give(batch.take())
  }

  return {
    add(directory, recursive) {
      batch.add(directory, recursive)
      lastEventMs = performance.now()
      if (timer !== undefined) return
      firstEventMs = lastEventMs
      timer = setTimeout(flush, Math.min(quietMs, maxWaitMs))
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
