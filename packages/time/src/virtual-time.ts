import type { Timer, Timers } from './ports.ts'

/** What one simulated process waits by: it ends with the process. */
export interface VirtualProcess {
  readonly timers: Timers
  /** The process is gone: nothing that it waited for ever comes. */
  end(): void
}

/** Time that passes only when it is told to: the same calls give the same order of events. */
export interface VirtualTime extends VirtualProcess {
  /** Milliseconds since the beginning. */
  readonly nowMs: number
  /** When the next timer is due; infinite where nothing waits. */
  readonly nextMs: number
  /** Time passes until the next timer is due, and that one runs. False where nothing waits. */
  step(): boolean
  /** So much time passes, and what comes due in it runs, in order. */
  advance(milliseconds: number): void
  /** Waits by the same time, and can be ended on its own. */
  process(): VirtualProcess
}

interface Due {
  readonly atMs: number
  readonly order: number
  readonly work: () => void
}

export function createVirtualTime(startMs = 0): VirtualTime {
  const waiting = new Set<Due>()
  let nowMs = startMs
  let asked = 0

  function first(): Due | undefined {
    let found: Due | undefined
    for (const due of waiting) if (found === undefined || isBefore(due, found)) found = due
    return found
  }

  function run(due: Due): void {
    waiting.delete(due)
    nowMs = Math.max(nowMs, due.atMs)
    due.work()
  }

  function process(): VirtualProcess {
    const own = new Set<Due>()
    let isOver = false

    function add(due: Due): void {
      if (isOver) return
      own.add(due)
      waiting.add(due)
    }

    function begin(repeats: boolean, milliseconds: number, work: () => void): Timer {
      const waitMs = Math.max(0, milliseconds)
      let current = dueIn(waitMs)

      function dueIn(ms: number): Due {
        return { atMs: nowMs + ms, order: (asked += 1), work: ran }
      }

      function ran(): void {
        own.delete(current)
        if (repeats) add((current = dueIn(Math.max(1, waitMs))))
        work()
      }

      add(current)
      const timer: Timer = {
        cancel() {
          own.delete(current)
          waiting.delete(current)
        },
        unref: () => timer,
      }
      return timer
    }

    return {
      timers: {
        now: () => nowMs,
        after: (milliseconds, work) => begin(false, milliseconds, work),
        every: (milliseconds, work) => begin(true, milliseconds, work),
      },
      end() {
        isOver = true
        for (const due of own) waiting.delete(due)
        own.clear()
      },
    }
  }

  return {
    ...process(),
    get nowMs() {
      return nowMs
    },
    get nextMs() {
      return first()?.atMs ?? Infinity
    },
    step() {
      const next = first()
      if (next !== undefined) run(next)
      return next !== undefined
    },
    advance(milliseconds) {
      const endMs = nowMs + milliseconds
      for (let next = first(); next !== undefined && next.atMs <= endMs; next = first()) run(next)
      nowMs = Math.max(nowMs, endMs)
    },
    process,
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
