import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { bytes, shortClock, shortDay } from '../../parts/format.ts'
import { axisOf, chartColumns, type HourPoint } from './savings-model.ts'

const HOUR_MS = 3_600_000
const HEIGHT = 280
/** Nothing is known more finely than by the hour. */
const TICK_SECONDS = [1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 14, 24 * 30].map((hours) => hours * 3600)

interface Looks {
  readonly ink: string
  readonly line: string
  readonly surface: string
  readonly wire: string
  readonly reuse: string
  readonly delta: string
  readonly compression: string
}

/** What lies between an area's upper edge and the one below it. */
const AREAS = ['compression', 'delta', 'reuse', 'wire'] as const
const WORDS: Readonly<Record<(typeof AREAS)[number], string>> = {
  compression: 'saved by compression',
  delta: 'saved by deltas',
  reuse: 'saved by reuse',
  wire: 'on the wire',
}

/** The chart itself, outside of React. Drawn anew when the data, the width or the theme change. */
export function createSavingsPlot(
  box: HTMLElement,
  pointed: (point: HourPoint | null) => void,
): { show(points: readonly HourPoint[]): void; stop(): void } {
  let plot: uPlot | undefined
  let points: readonly HourPoint[] = []

  function draw(): void {
    plot?.destroy()
    const looks = looksOf(box)
    plot = new uPlot(optionsFor(box.clientWidth, looks, found), chartColumns(points, Date.now()), box)
  }

  function found(seconds: number | undefined): void {
    const at = seconds === undefined ? undefined : points.find(({ atMs }) => contains(atMs, seconds * 1000))
    pointed(at ?? null)
  }

  const widths = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: HEIGHT }))
  widths.observe(box)
  const scheme = new MutationObserver(draw)
  scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  return {
    show(next) {
      points = next
      draw()
    },
    stop() {
      widths.disconnect()
      scheme.disconnect()
      plot?.destroy()
    },
  }
}

function contains(hourMs: number, ms: number): boolean {
  return ms >= hourMs && ms < hourMs + HOUR_MS
}

function optionsFor(width: number, looks: Looks, found: (seconds: number | undefined) => void): uPlot.Options {
  const area = (fill: string): uPlot.Series => ({ stroke: looks.surface, width: 1, fill, points: { show: false } })
  const axis = { stroke: looks.ink, grid: { stroke: looks.line, width: 1 }, ticks: { show: false } }
  return {
    width,
    height: HEIGHT,
    padding: [12, 96, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => [...axisOf(min, max)] },
      y: { range: (_plot, _min, max) => [0, max * 1.08 || 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 96, incrs: TICK_SECONDS, values: (_plot, ticks) => ticks.map(tickWord) },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => bytes(value)) },
    ],
    series: [
      {},
      area(looks.compression),
      area(looks.delta),
      area(looks.reuse),
      area(looks.wire),
      { stroke: looks.ink, width: 2, dash: [6, 4], points: { show: false } },
    ],
    hooks: {
      draw: [(plot) => label(plot, looks)],
      setCursor: [({ cursor, data }) => found(typeof cursor.idx === 'number' ? data[0][cursor.idx] : undefined)],
    },
  }
}

/** The time of day; at midnight, the day. */
function tickWord(seconds: number): string {
  const at = seconds * 1000
  return new Date(at).getHours() === 0 ? shortDay(at) : shortClock(at)
}

/** Each area carries its name where it is thickest; the line carries its own at its right end. */
function label(plot: uPlot, looks: Looks): void {
  const { ctx: context, data } = plot
  const scale = devicePixelRatio || 1
  context.save()
  context.font = `${12 * scale}px system-ui, sans-serif`
  context.textBaseline = 'middle'
  AREAS.forEach((name, index) => {
    const place = thickest(data[index + 1] ?? [], data[index + 2] ?? [], name === 'wire')
    if (place === undefined) return
    const top = plot.valToPos(place.top, 'y', true)
    const bottom = plot.valToPos(place.bottom, 'y', true)
    const x = plot.valToPos((data[0][place.at] ?? 0) + (place.isStart ? 1800 : -1800), 'x', true)
    const half = context.measureText(WORDS[name]).width / 2
    const left = plot.bbox.left + half + 4 * scale
    const right = plot.bbox.left + plot.bbox.width - half - 4 * scale
    if (bottom - top < 18 * scale || right < left) return
    const middle = Math.min(right, Math.max(left, x))
    context.textAlign = 'center'
    context.fillStyle = looks.surface
    context.globalAlpha = 0.82
    context.beginPath()
    context.roundRect(
      middle - half - 4 * scale,
      (top + bottom) / 2 - 8 * scale,
      2 * half + 8 * scale,
      16 * scale,
      3 * scale,
    )
    context.fill()
    context.globalAlpha = 1
    context.fillStyle = looks.ink
    context.fillText(WORDS[name], middle, (top + bottom) / 2)
  })
  context.textAlign = 'left'
  context.fillStyle = looks.ink
  const end = plot.valToPos(data[0].at(-1) ?? 0, 'x', true)
  const height = plot.valToPos(data[5]?.at(-1) ?? 0, 'y', true)
  context.fillText('whole files', Math.min(end, plot.bbox.left + plot.bbox.width) + 8 * scale, height)
  context.restore()
}

interface Thickest {
  readonly at: number
  readonly top: number
  readonly bottom: number
  /** True for the beginning of an hour, false for its end. */
  readonly isStart: boolean
}

type Column = ArrayLike<number | null | undefined>

function thickest(upper: Column, lower: Column, isLast: boolean): Thickest | undefined {
  let found: Thickest | undefined
  for (let at = 0; at < upper.length; at++) {
    const top = upper[at]
    const bottom = isLast ? 0 : (lower[at] ?? 0)
    if (typeof top !== 'number' || top - bottom <= (found === undefined ? 0 : found.top - found.bottom)) continue
    // Where an hour begins, the same value follows.
    found = { at, top, bottom, isStart: upper[at + 1] === top }
  }
  return found
}

function looksOf(box: HTMLElement): Looks {
  const style = getComputedStyle(box)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: style.color,
    line: of('--line'),
    surface: of('--surface'),
    wire: of('--how-plain'),
    reuse: of('--how-reused'),
    delta: of('--how-delta'),
    compression: of('--how-packed'),
  }
}
