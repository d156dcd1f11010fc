import type { PeersRun } from '../result.ts'
import { TOOL_NAMES, type ToolName } from '../tools/tool.ts'
import { isFigure, summarize, type CaseSummary, type Figure } from './summary.ts'
import { bytesText } from './targets.ts'

const WIDTH = 900
const LABELS = 230
const GAP = 30
const BAR = 9
const TOP = 64
/** Of each panel. */
const PANEL = (WIDTH - LABELS - 2 * GAP) / 2

interface Panel {
  readonly title: string
  readonly value: (figure: Figure) => number
  readonly ticks: readonly number[]
  readonly text: (value: number) => string
}

const PANELS: readonly Panel[] = [
  {
    title: 'seconds',
    value: ({ seconds }) => seconds,
    ticks: [0.01, 0.1, 1, 10, 100, 1000],
    text: (value) => (value >= 1 ? `${value} s` : `${value * 1000} ms`),
  },
  {
    title: "bytes over the sender's link, both ways",
    value: ({ bytesA }) => bytesA,
    ticks: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9],
    text: (value) => bytesText(value).replace(/\.0+(?= )/, ''),
  },
]

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 10px; fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .rsync { fill: #8a6d3b } .unison { fill: #6f42c1 } .syncthing { fill: #57606a } .causeway { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d }
    .rsync { fill: #d4a95c } .unison { fill: #b392f0 } .syncthing { fill: #8b949e } .causeway { fill: #4493f8 }
  }`

/** Bars of seconds and of bytes on logarithmic scales, as an SVG for light and dark pages. */
export function plotOf(run: Pick<PeersRun, 'rows' | 'tools'>): string {
  const tools = TOOL_NAMES.filter((name) => run.tools[name] !== undefined)
  const cases = summarize(run)
  const group = tools.length * BAR + 12
  const height = TOP + cases.length * group + 20
  const legend = tools.map((tool, index) => {
    const x = LABELS + index * 110
    return `<rect class="${tool}" x="${x}" y="12" width="12" height="12" rx="2"/><text x="${x + 18}" y="22">${tool}</text>`
  })
  const names = cases.map((one, index) =>
    text(LABELS - 10, TOP + index * group + (tools.length * BAR) / 2 + 4, one.title, 'end'),
  )
  const panels = PANELS.map((panel, index) =>
    drawn(panel, { left: LABELS + index * (PANEL + GAP), cases, tools, group }),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Seconds and bytes of each case by tool, on logarithmic scales">
<style>${STYLE}
</style>
${[...legend, ...names, ...panels].join('\n')}
</svg>
`
}

function drawn(
  { title, value, ticks, text: label }: Panel,
  where: { left: number; cases: readonly CaseSummary[]; tools: readonly ToolName[]; group: number },
): string {
  const { left, cases, tools, group } = where
  const [low = 1, high = 1] = [ticks[0], ticks.at(-1)]
  const bottom = TOP + cases.length * group
  const grid = ticks.map((tick) => {
    const x = round(left + lengthOf(tick, low, high))
    return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${bottom}"/>${text(x, TOP - 12, label(tick), 'middle', 'small')}`
  })
  const bars = cases.flatMap((one, index) =>
    tools.flatMap((tool, position) => {
      const figure = one.tools[tool]
      if (!isFigure(figure)) return []
      const y = TOP + index * group + position * BAR
      const width = round(Math.max(1, lengthOf(value(figure), low, high)))
      return [`<rect class="${tool}" x="${left}" y="${y}" width="${width}" height="${BAR - 2}" rx="1"/>`]
    }),
  )
  return [text(left, TOP - 26, title, 'start'), ...grid, ...bars].join('\n')
}

/** How long a bar is on the logarithmic scale; within the panel, whatever the value. */
export function lengthOf(value: number, low: number, high: number): number {
  const share = Math.log(Math.max(value, low) / low) / Math.log(high / low)
  return PANEL * Math.min(1, share)
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', style = ''): string {
  const named = style === '' ? '' : ` class="${style}"`
  return `<text${named} x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
