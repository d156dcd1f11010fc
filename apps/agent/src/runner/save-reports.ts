import { LIMITS, type NodeMessage } from '@causeway/protocol'
import { systemTimers, type Timer, type Timers } from '@causeway/time'

/** Tells the coordinator how long saves took, many in one message. */
export interface SaveReports {
  saved(tookMs: number): void
  /** The link stands: what could not be told before is told now. */
  linkUp(): void
  /** Nothing is told any more. */
  stop(): void
}

/** Soon enough to be heard of with the change itself. */
const TOLD_AFTER_MS = 100
/** While nothing can be told no more than this is kept. */
const MOST_KEPT = 16 * LIMITS.savesPerMessage

export function createSaveReports(send: (message: NodeMessage) => boolean, timers: Timers = systemTimers): SaveReports {
  let untold: number[] = []
  let timer: Timer | undefined
  let stopped = false

  function tell(): void {
    timer = undefined
    while (untold.length > 0) {
      if (!send({ kind: 'saved', tookMs: untold.slice(0, LIMITS.savesPerMessage) })) return
      untold = untold.slice(LIMITS.savesPerMessage)
    }
  }

  function tellSoon(): void {
    if (!stopped && untold.length > 0) timer ??= timers.after(TOLD_AFTER_MS, tell)
  }

  return {
    saved(tookMs) {
      if (untold.length < MOST_KEPT) untold.push(tookMs)
      tellSoon()
    },
    linkUp: tellSoon,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
