/** When a folder's next cycle is due, besides what its inbox asks for. Milliseconds of one clock that only goes forward. */
export interface Schedule {
  /**
   * A cycle ended well; `sawEvents` while the tree is being worked on, when a
   * missed event is likelier. Nothing else makes one begin for `pauseMs`.
   */
  wentWell(
    now: number,
    options: { wasWhole: boolean; sawEvents: boolean; againAfterMs: number | null; pauseMs: number },
  ): void
  /** A cycle failed: nothing is tried before the pause is over. */
  failed(now: number, pauseMs: number): void
  /** Whatever the pause was for may be over. */
  endPause(): void
  /** The time until which even a full inbox waits. */
  readonly pausedUntil: number
  /** The next time at which something is due by itself. */
  readonly dueAt: number
  /** What is due then. */
  due(now: number): { whole: boolean; again: boolean; retry: boolean }
}

const QUIET_RESCAN_MS = 10 * 60_000
const BUSY_RESCAN_MS = 60_000

export function createSchedule(): Schedule {
  let pausedUntil = 0
  let retryAt = Infinity
  let wholeAt = Infinity
  let againAt = Infinity
  let lastWholeAt = -Infinity

  return {
    get pausedUntil() {
      return pausedUntil
    },
    get dueAt() {
      return Math.min(retryAt, Math.max(pausedUntil, Math.min(wholeAt, againAt)))
    },
    wentWell(now, { wasWhole, sawEvents, againAfterMs, pauseMs }) {
      pausedUntil = now + pauseMs
      retryAt = Infinity
      if (wasWhole) lastWholeAt = now
      wholeAt = lastWholeAt + (sawEvents ? BUSY_RESCAN_MS : QUIET_RESCAN_MS)
      againAt = againAfterMs === null ? Infinity : now + againAfterMs
    },
    failed(now, pauseMs) {
      pausedUntil = now + pauseMs
      retryAt = pausedUntil
    },
    endPause() {
      if (retryAt !== Infinity) retryAt = 0
      pausedUntil = 0
    },
    due: (now) => ({ whole: now >= wholeAt, again: now >= againAt, retry: now >= retryAt }),
  }
}
