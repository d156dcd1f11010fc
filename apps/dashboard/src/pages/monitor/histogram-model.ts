import type { HistogramReading } from '@causeway/protocol'
import { count, duration, plural, share } from '../../parts/format.ts'

export interface Bar {
  /** `up to 5 ms`, `over 1 min`. */
  readonly label: string
  readonly count: number
  /** Of the fullest bucket, 0 to 1. */
  readonly height: number
  /** In words, with its share of all. */
  readonly words: string
}

/** The buckets from the first that holds anything to the last that does: the empty ends say nothing. */
export function barsOf({ counts, count: all }: HistogramReading, boundsMs: readonly number[]): readonly Bar[] {
  const first = counts.findIndex((value) => value > 0)
  if (first === -1) return []
  const last = counts.findLastIndex((value) => value > 0)
  const most = Math.max(...counts)
  return counts.slice(first, last + 1).map((value, index) => {
    const at = first + index
    const bound = boundsMs[at]
    const label = bound === undefined ? `over ${boundWord(boundsMs.at(-1))}` : boundWord(bound)
    const range = bound === undefined ? label : `${at === 0 ? 'up' : `${boundWord(boundsMs[at - 1])} up`} to ${label}`
    return {
      label,
      count: value,
      height: value / most,
      words: `${range}: ${count(value)} (${share(value, all)} of ${plural(all, 'time')})`,
    }
  })
}

/** A bound without needless zeros. */
function boundWord(ms: number | undefined): string {
  if (ms === undefined) return ''
  if (ms < 1000) return `${ms} ms`
  return ms < 60_000 ? `${ms / 1000} s` : duration(ms).replace(' 0 s', '')
}

/** The mean; null before the first. */
export function meanMs({ count: all, sumMs }: HistogramReading): number | null {
  return all === 0 ? null : sumMs / all
}

/** As wide as a bar ever gets, and a character of a label, in CSS pixels. */
const WIDEST_BAR = 64
const CHARACTER = 6.6
const BETWEEN_LABELS = 6

/**
 * Which of the bars' labels are shown, so that none runs into the next: evenly
 * many from the last on, as few as must be left out. `width` is that of all bars.
 */
export function labelsThatFit(labels: readonly string[], width: number): ReadonlySet<number> {
  const bar = Math.min(WIDEST_BAR, width / Math.max(1, labels.length))
  const widest = Math.max(0, ...labels.map(({ length }) => length)) * CHARACTER + BETWEEN_LABELS
  const step = bar <= 0 ? Infinity : Math.max(1, Math.ceil(widest / bar))
  return new Set(labels.flatMap((_, index) => ((labels.length - 1 - index) % step === 0 ? [index] : [])))
}
