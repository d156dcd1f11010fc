import type { ThroughputResponse, ThroughputSeries } from '@causeway/protocol'

/** What a chart shows. */
export const MEASURES = ['changes', 'bytesUp', 'bytesDown'] as const
export type Measure = (typeof MEASURES)[number]

/** One node or folder, or all that are too many to show. */
export interface Part {
  /** Null for the others together. */
  readonly id: string | null
  /** Bucket by bucket. */
  readonly values: Readonly<Record<Measure, readonly number[]>>
  readonly total: Readonly<Record<Measure, number>>
}

export interface Bucket {
  readonly fromMs: number
  readonly untilMs: number
  /** False where nothing is known of it. */
  readonly isMeasured: boolean
}

export interface Charts {
  readonly buckets: readonly Bucket[]
  /** What moved most comes first. */
  readonly parts: readonly Part[]
  /** Where each chart's axis ends; it begins at nothing. */
  readonly most: Readonly<Record<Measure, number>>
}

const MOST_PARTS = 6

/** The series as charts show them: the largest by themselves, the rest together. The last bucket ends now. */
export function chartsOf({ from, bucketMs, measured, series }: ThroughputResponse, nowMs: number): Charts {
  const begins = Date.parse(from)
  const buckets = measured.map((isMeasured, index) => {
    const fromMs = begins + index * bucketMs
    const isLast = index === measured.length - 1
    const untilMs = isLast ? Math.max(fromMs, Math.min(fromMs + bucketMs, nowMs)) : fromMs + bucketMs
    return { fromMs, untilMs, isMeasured }
  })
  const whole = partOf(null, series, buckets.length)
  const weight = ({ total }: Part): number =>
    Math.max(...MEASURES.map((measure) => total[measure] / Math.max(1, whole.total[measure])))
  const parts = series
    .map((one) => partOf(one.id, [one], buckets.length))
    .filter((part) => weight(part) > 0)
    .toSorted((a, b) => weight(b) - weight(a) || (String(a.id) < String(b.id) ? -1 : 1))
  const rest = new Set(parts.slice(MOST_PARTS - 1).map(({ id }) => id))
  const shown =
    parts.length <= MOST_PARTS
      ? parts
      : [
          ...parts.slice(0, MOST_PARTS - 1),
          partOf(
            null,
            series.filter(({ id }) => rest.has(id)),
            buckets.length,
          ),
        ]
  const most = recordOf((measure) => roundUp(Math.max(0, ...whole.values[measure])))
  return { buckets, parts: shown, most }
}

/** The sum over the parts in one bucket, or in all of them. */
export function sumOf({ parts }: Charts, measure: Measure, bucket: number | null): number {
  return parts.reduce(
    (sum, { values, total }) => sum + (bucket === null ? total[measure] : (values[measure][bucket] ?? 0)),
    0,
  )
}

/** The outline of one part's bars on the parts below it, in a box of this size. */
export function barsOf(
  charts: Charts,
  measure: Measure,
  part: number,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const step = width / Math.max(1, charts.buckets.length)
  const gap = step > 4 ? 1 : 0
  const scale = height / charts.most[measure]
  const outlines = charts.buckets.map((_, bucket) => {
    const value = charts.parts[part]?.values[measure][bucket] ?? 0
    if (value === 0) return ''
    const below = charts.parts.slice(0, part).reduce((sum, { values }) => sum + (values[measure][bucket] ?? 0), 0)
    // What is not nothing is seen.
    const tall = Math.max(part === 0 || below === 0 ? 1 : 0, value * scale)
    const top = height - below * scale - tall
    return `M${short(bucket * step)} ${short(top)}h${short(step - gap)}v${short(tall)}h${short(gap - step)}Z`
  })
  return outlines.join('')
}

/** The stretches of which nothing is known, from bucket to bucket (the second not included). */
export function gapsOf({ buckets }: Charts): readonly (readonly [from: number, to: number])[] {
  const gaps: [number, number][] = []
  buckets.forEach(({ isMeasured }, index) => {
    if (isMeasured) return
    const last = gaps.at(-1)
    if (last?.[1] === index) last[1] = index + 1
    else gaps.push([index, index + 1])
  })
  return gaps
}

/** The buckets that carry a time: full ten minutes of an hour, every fourth hour of a day, by the clock of here. */
export function ticksOf({ buckets }: Charts): readonly number[] {
  const [first, second] = buckets
  const isFine = first !== undefined && second !== undefined && second.fromMs - first.fromMs <= 60_000
  return buckets.flatMap(({ fromMs }, index) => {
    const at = new Date(fromMs)
    const isTick = isFine ? at.getMinutes() % 10 === 0 : at.getMinutes() === 0 && at.getHours() % 4 === 0
    return isTick ? [index] : []
  })
}

function partOf(id: string | null, series: readonly ThroughputSeries[], buckets: number): Part {
  const values = recordOf((measure) =>
    Array.from({ length: buckets }, (_, index) => series.reduce((sum, one) => sum + (one[measure][index] ?? 0), 0)),
  )
  return { id, values, total: recordOf((measure) => values[measure].reduce((sum, value) => sum + value, 0)) }
}

function recordOf<T>(of: (measure: Measure) => T): Readonly<Record<Measure, T>> {
  return { changes: of('changes'), bytesUp: of('bytesUp'), bytesDown: of('bytesDown') }
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(value: number): number {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
