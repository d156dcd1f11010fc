import type { PeersRun } from '../result.ts'
import { TOOL_NAMES, type ToolName } from '../tools/tool.ts'
import { isFigure, summarize, type CaseSummary, type Figure } from './summary.ts'
import { bytesText, firstLine, judge } from './targets.ts'

const HEADS: Readonly<Record<ToolName, string>> = {
  rsync: 'rsync',
  unison: 'Unison',
  syncthing: 'Syncthing',
  causeway: 'Causeway',
}

/** The run's figures as a Markdown table; with it come the notes that its cells refer to. */
export function tableOf(run: PeersRun): string {
  const tools = TOOL_NAMES.filter((name) => run.tools[name] !== undefined)
  const notes: string[] = []
  const summaries = summarize(run)
  const lines = summaries.map((summary) => {
    const verdict = run.quick ? undefined : judge(summary, run.shaped)
    const cells = tools.map((tool) => cell(summary, tool, notes))
    return [summary.title, ...cells, verdict?.target ?? '', verdict?.verdict ?? '']
  })
  const table = [['case', ...tools.map((name) => HEADS[name]), 'to reach', 'verdict'], ...lines]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? []
  const row = (line: readonly string[]): string =>
    `| ${line.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const [head = [], ...body] = table
  return [row(head), rule, ...body.map(row), ...notes.map((note, index) => `\n[${index + 1}] ${note}`)].join('\n')
}

/** Everything a reader needs to place the figures, before the table. */
export function headOf(run: PeersRun): readonly string[] {
  const rounds = run.rounds === 1 ? 'one round' : `medians of ${run.rounds} rounds`
  return [
    `Machine: ${run.machine}`,
    `Network: ${run.network}`,
    ...Object.values(run.tools).map((label) => `Tool: ${label}`),
    ...run.missing.map((why) => `NOT MEASURED: ${why}`),
    ...run.data.map((line) => `Data: ${line}`),
    run.quick ? 'A QUICK run: little data, no figures to rely on' : `Figures: ${rounds}`,
  ]
}

function cell(summary: CaseSummary, tool: ToolName, notes: string[]): string {
  const figure = summary.tools[tool]
  if (figure === undefined) return '–'
  if (!isFigure(figure)) return `failed${noted([firstLine(figure.failure)], notes)}`
  return `${timeText(figure)}, ${wireText(figure, tool)}${noted(figure.notes, notes)}`
}

function timeText({ seconds, savesMs }: Figure): string {
  if (savesMs === undefined) return `${seconds.toFixed(seconds < 1 ? 3 : 2)} s`
  const { p50, p90, max } = savesMs
  return `${[p50, p90, max].map((value) => value.toFixed(value < 100 ? 1 : 0)).join(' / ')} ms`
}

function wireText({ bytesA, bytesB, savesMs }: Figure, tool: ToolName): string {
  const each = savesMs === undefined ? '' : ' each'
  return tool === 'causeway' ? `↑ ${bytesText(bytesA)} ↓ ${bytesText(bytesB)}${each}` : `${bytesText(bytesA)}${each}`
}

function noted(texts: readonly string[], notes: string[]): string {
  return texts
    .map((text) => {
      if (!notes.includes(text)) notes.push(text)
      return ` [${notes.indexOf(text) + 1}]`
    })
    .join('')
}
