import type { ThroughputSpan } from '@causeway/protocol'
import { useId, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { bytes, count, plural, shortClock } from '../../parts/format.ts'
import { useWidth } from '../../parts/use-width.ts'
import { barsOf, gapsOf, MEASURES, sumOf, ticksOf, type Bucket, type Charts, type Measure } from './throughput-model.ts'
import look from './throughput.module.css'

const HEIGHT = 88
/** Between the axis of values and the bars. */
const AXIS = 60

const TITLES: Readonly<Record<Measure, string>> = {
  changes: 'Changes',
  bytesUp: '↑ To the coordinator',
  bytesDown: '↓ To the nodes',
}

export interface ThroughputChartsProps {
  readonly charts: Charts
  readonly span: ThroughputSpan
  /** What each part is called and how it is coloured. */
  readonly parts: readonly { readonly name: string; readonly colour: string }[]
}

/** Three charts over one axis of time, with one cursor: it follows the mouse, and the arrow keys. */
export function ThroughputCharts({ charts, span, parts }: ThroughputChartsProps) {
  const { box, width } = useWidth(800)
  const [at, setAt] = useState<number | null>(null)
  const { buckets } = charts
  const cursor = at === null ? null : Math.min(at, buckets.length - 1)
  const plot = Math.max(40, width - AXIS)
  const step = plot / Math.max(1, buckets.length)

  function point(event: PointerEvent<HTMLDivElement>): void {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - AXIS
    const bucket = Math.floor(x / step)
    setAt(bucket >= 0 && bucket < buckets.length ? bucket : null)
  }

  function key(event: KeyboardEvent): void {
    const last = buckets.length - 1
    const from = cursor ?? last + 1
    const next = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last, Escape: null }[event.key]
    if (next === undefined) return
    event.preventDefault()
    setAt(next === null ? null : Math.max(0, Math.min(last, next)))
  }

  return (
    <div ref={box} className={look.charts} onPointerMove={point} onPointerLeave={() => setAt(null)}>
      {MEASURES.map((measure) => (
        <Chart key={measure} {...{ charts, measure, parts, width, plot, step, cursor }} />
      ))}
      <div
        className={look.times}
        tabIndex={0}
        role="slider"
        aria-label="Throughput over time"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, buckets.length - 1)}
        aria-valuenow={cursor ?? buckets.length - 1}
        aria-valuetext={readingOf(charts, span, cursor)}
        onKeyDown={key}
      >
        <svg width={width} height={18} aria-hidden="true">
          {ticksOf(charts).map((bucket) => (
            <text key={bucket} x={clamp(AXIS + bucket * step, AXIS + 16, width - 18)} y={13} textAnchor="middle">
              {timeOf(buckets[bucket]?.fromMs)}
            </text>
          ))}
        </svg>
      </div>
      <p className={look.reading}>{readingOf(charts, span, cursor)}</p>
    </div>
  )
}

interface ChartProps extends Omit<ThroughputChartsProps, 'span'> {
  readonly measure: Measure
  readonly width: number
  /** The width of the bars' box, and of one bucket in it. */
  readonly plot: number
  readonly step: number
  readonly cursor: number | null
}

function Chart({ charts, measure, parts, width, plot, step, cursor }: ChartProps) {
  const hatch = useId()
  const total = sumOf(charts, measure, cursor)
  const say = measure === 'changes' ? count : bytes
  return (
    <figure className={look.chart}>
      <figcaption>
        <span>{TITLES[measure]}</span> <strong>{say(total)}</strong>
        {charts.parts.map((part, index) => {
          const value = cursor === null ? part.total[measure] : (part.values[measure][cursor] ?? 0)
          if (value === 0) return null
          return (
            <span key={part.id ?? ''} className={look.part}>
              <span aria-hidden="true" style={{ color: parts[index]?.colour }}>
                ■
              </span>{' '}
              {parts[index]?.name} {say(value)}
            </span>
          )
        })}
      </figcaption>
      <svg width={width} height={HEIGHT + 6} aria-hidden="true">
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="1.5" height="6" className={look.hatch} />
          </pattern>
        </defs>
        {[0, 0.5, 1].map((share) => (
          <g key={share} transform={`translate(0 ${6 + HEIGHT * (1 - share)})`}>
            <line x1={AXIS} x2={AXIS + plot} className={look.grid} />
            {(share !== 0.5 || measure !== 'changes' || charts.most[measure] % 2 === 0) && (
              <text x={AXIS - 6} y={share === 1 ? 6 : share === 0 ? 0 : 4} textAnchor="end">
                {share === 0 ? '0' : say(charts.most[measure] * share)}
              </text>
            )}
          </g>
        ))}
        <g transform={`translate(${AXIS} 6)`}>
          {gapsOf(charts).map(([from, to]) => (
            <rect key={from} x={from * step} width={(to - from) * step} height={HEIGHT} fill={`url(#${hatch})`} />
          ))}
          {charts.parts.map((part, index) => (
            <path
              key={part.id ?? ''}
              d={barsOf(charts, measure, index, { width: plot, height: HEIGHT })}
              fill={parts[index]?.colour}
            />
          ))}
          {cursor !== null && (
            <line x1={(cursor + 0.5) * step} x2={(cursor + 0.5) * step} y2={HEIGHT} className={look.cursor} />
          )}
        </g>
      </svg>
    </figure>
  )
}

/** One bucket in words, or the whole. */
function readingOf(charts: Charts, span: ThroughputSpan, cursor: number | null): string {
  const bucket = cursor === null ? undefined : charts.buckets[cursor]
  const when = bucket === undefined ? `In the last ${span}` : `${timeOf(bucket.fromMs)} to ${timeOf(bucket.untilMs)}`
  if (bucket !== undefined && !bucket.isMeasured) return `${when}: not measured, the coordinator did not run.`
  const [changes, up, down] = MEASURES.map((measure) => sumOf(charts, measure, cursor))
  const words = `${plural(changes ?? 0, 'change')}, ${bytes(up ?? 0)} up, ${bytes(down ?? 0)} down`
  return `${when}: ${words}${bucket !== undefined && isUnderWay(bucket, charts) ? ' so far' : ''}.`
}

function isUnderWay(bucket: Bucket, { buckets }: Charts): boolean {
  return bucket === buckets.at(-1)
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '' : shortClock(ms)
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
