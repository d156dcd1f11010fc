import { addSavings, NO_SAVINGS, savingsVerdict, type HourSavings, type Savings } from '@causeway/protocol'
import { bytes, share } from '../../parts/format.ts'

const HOUR_MS = 3_600_000

/** What is left of the sums when only some of it is asked for. */
function sumOf(rows: readonly Savings[]): Savings {
  return rows.reduce(addSavings, NO_SAVINGS)
}

/** What was saved of some bytes, in words; `more` for what crossed beyond them. */
function verdictOf(held: number, crossed: number, more: (beyond: string) => string): string {
  const verdict = savingsVerdict(held, crossed)
  if (verdict.kind === 'saved') return `${share(verdict.bytes, held)} saved`
  return verdict.kind === 'too-little' ? 'too little to tell' : more(bytes(verdict.bytes))
}

/** What crossed for how much of files, and what was saved, in one sentence. */
export function sentenceOf(total: Savings, when: string): string {
  const { logicalBytes, wireBytes } = total
  const crossed = `${when}${bytes(logicalBytes)} of files crossed as ${bytes(wireBytes)}`
  const verdict = verdictOf(logicalBytes, wireBytes, (beyond) => `${beyond} of that for messages, beside the files`)
  return `${crossed}: ${verdict}.`
}

/** A share is told of what the files hold; where messages took more, how much. */
export function savedWords({ wholeFileBytes, wireBytes }: Savings): string {
  return verdictOf(wholeFileBytes, wireBytes, (beyond) => `${beyond} for messages`)
}

/** How some plain bytes came to where they were needed; together all that the files hold. */
export interface How {
  readonly reused: number
  readonly peers: number
  readonly delta: number
  readonly packed: number
  readonly plain: number
}

export function howOf({ reusedBytes, peerBytes, deltaBytes, packedBytes, plainBytes }: Savings): How {
  return { reused: reusedBytes, peers: peerBytes, delta: deltaBytes, packed: packedBytes, plain: plainBytes }
}

/** The same in words, the largest part first; parts of nothing are left out. */
export function howInWords(savings: Savings): string {
  const { reusedBytes, peerBytes, deltaBytes, deltaWireBytes, packedBytes, packedWireBytes, plainBytes } = savings
  const parts: readonly (readonly [number, string])[] = [
    [reusedBytes, `${bytes(reusedBytes)} already there`],
    [peerBytes, `${bytes(peerBytes)} from other nodes`],
    [deltaBytes, `${bytes(deltaBytes)} sent as deltas of ${bytes(deltaWireBytes)}`],
    [
      packedBytes,
      `${bytes(packedBytes)} ${packedWireBytes <= packedBytes ? 'compressed to' : 'in messages of'} ${bytes(packedWireBytes)}`,
    ],
    [plainBytes, `${bytes(plainBytes)} sent as they are`],
  ]
  const told = parts.filter(([size]) => size > 0).toSorted(([a], [b]) => b - a)
  return told.length === 0 ? 'nothing to send' : told.map(([, words]) => words).join(', ')
}

/** One hour as the chart shows it. All that is stacked, together, is about what whole files would have taken. */
export interface HourPoint {
  readonly atMs: number
  readonly wire: number
  /** What the other side already had, or received from other nodes. */
  readonly byReuse: number
  readonly byDelta: number
  readonly byCompression: number
  readonly wholeFile: number
  readonly total: Savings
}

/** The hours in which anything crossed, oldest first. */
export function hourPoints(rows: readonly HourSavings[]): readonly HourPoint[] {
  const byHour = Map.groupBy(rows, ({ hour }) => Date.parse(hour))
  return [...byHour]
    .toSorted(([a], [b]) => a - b)
    .map(([atMs, hour]) => {
      const total = sumOf(hour)
      return {
        atMs,
        wire: total.wireBytes,
        byReuse: total.reusedBytes + total.peerBytes,
        byDelta: Math.max(0, total.deltaBytes - total.deltaWireBytes),
        byCompression: Math.max(0, total.packedBytes - total.packedWireBytes),
        wholeFile: total.wholeFileBytes,
        total,
      }
    })
}

/** Columns as the chart takes them: seconds, then the stacked areas from the highest down, then the line. */
export type ChartColumns = [
  x: number[],
  compression: (number | null)[],
  delta: (number | null)[],
  reuse: (number | null)[],
  wire: (number | null)[],
  wholeFile: (number | null)[],
]

/** Each hour is level from its beginning to its end, or to now; hours in which nothing crossed are gaps. */
export function chartColumns(points: readonly HourPoint[], nowMs: number): ChartColumns {
  const columns: ChartColumns = [[], [], [], [], [], []]
  const [x, ...stack] = columns
  let lastMs = -Infinity
  for (const point of points) {
    if (point.atMs - lastMs > HOUR_MS && lastMs > -Infinity) {
      x.push((lastMs + HOUR_MS) / 1000)
      for (const column of stack) column.push(null)
    }
    lastMs = point.atMs
    const reuse = point.wire + point.byReuse
    const delta = reuse + point.byDelta
    const stacked = [delta + point.byCompression, delta, reuse, point.wire, point.wholeFile]
    for (const seconds of [point.atMs / 1000, endMs(point, nowMs) / 1000]) {
      x.push(seconds)
      stacked.forEach((value, index) => stack[index]?.push(value))
    }
  }
  return columns
}

/** When an hour ends, or how far it has come; never before it begins, whatever the clocks say. */
function endMs({ atMs }: HourPoint, nowMs: number): number {
  return Math.max(atMs + 1_000, Math.min(atMs + HOUR_MS - 1_000, nowMs))
}

/** The least that the axis shows: it is stretched into the past, not into the future. */
const LEAST_SECONDS = 3 * 3600

export function axisOf(min: number, max: number): readonly [number, number] {
  return [Math.min(min, max - LEAST_SECONDS), max]
}

/** One line of a breakdown. */
export interface Share {
  readonly name: string
  readonly total: Savings
}

/** The sums by something, what saved most first. */
export function sharesBy(rows: readonly HourSavings[], by: (row: HourSavings) => string): readonly Share[] {
  return [...Map.groupBy(rows, by)]
    .map(([name, own]) => ({ name, total: sumOf(own) }))
    .toSorted((a, b) => savedBytes(b.total) - savedBytes(a.total) || (a.name < b.name ? -1 : 1))
}

/** Against whole files; less than nothing where what crossed was more. */
function savedBytes({ wholeFileBytes, wireBytes }: Savings): number {
  return wholeFileBytes - wireBytes
}
