import type { WatchHint } from '@causeway/replica'
import type { CycleReport } from '../cycle/cycle-context.ts'
import { createBackoff } from '../link/backoff.ts'
import { isDone } from './cycle-results.ts'
import { WHOLE_TREE } from './hints.ts'
import { createSchedule } from './schedule.ts'

/** When the next cycle is due besides what the inbox asks for, and where it looks then. */
export interface Pace {
  /** A cycle begins. Says what it is to look at, whoever asked for it. */
  begin(lastEventMs: number | null): { readonly whole: boolean; readonly again: readonly WatchHint[] }
  ended(report: CycleReport, options: { readonly wasWhole: boolean; readonly lastEventMs: number | null }): void
  failed(): void
  /** Whatever a pause was for may be over. */
  endPause(): void
  /** What failed may succeed now. */
  forgetFailures(): void
  /** Milliseconds until a cycle is to run: at once is 0. */
  dueInMs(isAsked: boolean): number
}

/** Events count as ongoing work for so long. */
const BUSY_MS = 2 * 60_000

export function createPace({ now, random }: { now(): number; random(): number }): Pace {
  const schedule = createSchedule()
  const failures = createBackoff({ firstMs: 500, limitMs: 10_000, random })
  const looksAgain = createBackoff({ firstMs: 20, limitMs: 2_000, random })
  const unfinished = createBackoff({ firstMs: 1_000, limitMs: 30_000, random })
  let lookAgain: readonly WatchHint[] = []
  /** True until a cycle has looked where the last one said to look again, whatever made it run. */
  let isLookOwed = false
  let lastBeganAt = -Infinity

  /** Milliseconds until the next look that nothing else asks for; sets what to look at then. */
  function againAfter(report: CycleReport): number | null {
    // Deletes wait for no longer than they must; the pause bounds what that costs.
    if (report.pauseMs > 0) return report.rescanAfterMs
    if (report.rescan.length > 0) return Math.max(report.rescanAfterMs ?? 0, looksAgain.next())
    looksAgain.reset()
    // Where the cycle names no place, everything is looked at.
    lookAgain = [WHOLE_TREE]
    if (report.rescanAfterMs !== null) return report.rescanAfterMs
    // What could not be done now (a full disk, a name that is taken) may be possible later.
    const isStuck = report.halted === null && (!isDone(report) || report.problems.length > 0)
    if (isStuck) return unfinished.next()
    unfinished.reset()
    return null
  }

  return {
    begin(lastEventMs) {
      const at = now()
      const due = schedule.due(at)
      // What grew was the wait for something that did not rest: it has just moved again.
      if ((lastEventMs ?? -Infinity) >= lastBeganAt) looksAgain.reset()
      lastBeganAt = at
      return { whole: due.whole, again: due.again || isLookOwed ? lookAgain : [] }
    },
    ended(report, { wasWhole, lastEventMs }) {
      failures.reset()
      lookAgain = report.rescan
      isLookOwed = report.rescan.length > 0
      const sawEvents = lastEventMs !== null && now() - lastEventMs < BUSY_MS
      schedule.wentWell(now(), { wasWhole, sawEvents, againAfterMs: againAfter(report), pauseMs: report.pauseMs })
    },
    failed: () => schedule.failed(now(), failures.next()),
    endPause: () => schedule.endPause(),
    forgetFailures: () => failures.reset(),
    dueInMs(isAsked) {
      const dueAt = isAsked ? Math.min(schedule.dueAt, schedule.pausedUntil) : schedule.dueAt
      return Math.max(0, dueAt - now())
    },
  }
}
