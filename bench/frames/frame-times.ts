import { percentile } from '../support/statistics.ts'

/** An event of a trace that Chromium recorded, as far as it matters here. */
export interface TraceEvent {
  readonly name: string
  /** Microseconds. */
  readonly ts?: number
  readonly pid?: number
}

export interface FrameTimes {
  readonly frames: number
  /** Between one drawn frame and the next, in milliseconds. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Frames that Chromium says it dropped. */
  readonly dropped: number
  readonly perSecond: number
}

/** Times between the `DrawFrame` events of the process that drew most. Throws `RangeError` where there are too few. */
export function frameTimes(events: readonly TraceEvent[]): FrameTimes {
  const byProcess = Map.groupBy(
    events.filter(({ name, ts }) => name === 'DrawFrame' && ts !== undefined),
    ({ pid }) => pid,
  )
  const [drawn = []] = [...byProcess.values()].toSorted((a, b) => b.length - a.length)
  if (drawn.length < 3) throw new RangeError(`the trace has ${drawn.length} drawn frames: too few to say anything`)
  const at = drawn.map(({ ts = 0 }) => ts / 1000).toSorted((a, b) => a - b)
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? time))
  const pid = drawn[0]?.pid
  return {
    frames: at.length,
    p50Ms: percentile(gaps, 0.5),
    p95Ms: percentile(gaps, 0.95),
    p99Ms: percentile(gaps, 0.99),
    maxMs: percentile(gaps, 1),
    dropped: events.filter((event) => event.name === 'DroppedFrame' && event.pid === pid).length,
    perSecond: (gaps.length / ((at.at(-1) ?? 0) - (at[0] ?? 0))) * 1000,
  }
}
