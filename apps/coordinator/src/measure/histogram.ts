import type { HistogramReading } from '@causeway/protocol'

/** Upper bounds of the buckets: 1, 2 and 5 of each power of ten, from half a millisecond to a minute. */
export const BOUNDS_MS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000] as const

/** Counts how often something took how long, in buckets that never change. */
export interface Histogram {
  observe(milliseconds: number): void
  reading(): HistogramReading
}

export function createHistogram(): Histogram {
  const counts = Array.from({ length: BOUNDS_MS.length + 1 }, () => 0)
  let count = 0
  let sumMs = 0
  return {
    observe(milliseconds) {
      const at = bucketOf(milliseconds)
      counts[at] = (counts[at] ?? 0) + 1
      count++
      sumMs += milliseconds
    },
    reading: () => ({ counts: [...counts], count, sumMs }),
  }
}

/** The first bucket whose bound is not below; the last one for what is above all. */
export function bucketOf(milliseconds: number): number {
  const found = BOUNDS_MS.findIndex((bound) => milliseconds <= bound)
  return found === -1 ? BOUNDS_MS.length : found
}
