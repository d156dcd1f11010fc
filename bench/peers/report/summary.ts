import { median, percentile } from '../../support/statistics.ts'
import { PEER_CASES, SAVES } from '../cases/all.ts'
import type { PeersRun, RawRow } from '../result.ts'
import { TOOL_NAMES, type ToolName } from '../tools/tool.ts'

/** One tool's figures in one case: the medians of its rounds. */
export interface Figure {
  readonly seconds: number
  /** Both ways over A's link and over B's. For tools without a third host the two are the same. */
  readonly bytesA: number
  readonly bytesB: number
  readonly savesMs?: { readonly p50: number; readonly p90: number; readonly max: number; readonly count: number }
  readonly notes: readonly string[]
}

export interface CaseSummary {
  readonly name: string
  readonly title: string
  readonly tools: Readonly<Partial<Record<ToolName, Figure | { readonly failure: string }>>>
}

/** The cases of a run in their order, those that only set up another left out. */
export function summarize(run: Pick<PeersRun, 'rows'>): readonly CaseSummary[] {
  const titles = new Map(PEER_CASES.filter(({ isSetup }) => isSetup !== true).map(({ name, title }) => [name, title]))
  titles.set(SAVES, 'save of 2 KiB → visible on B')
  titles.set(`${SAVES}-default`, 'the same with the default settings')
  return [...titles].flatMap(([name, title]) => {
    const rows = run.rows.filter((row) => row.case === name)
    if (rows.length === 0) return []
    const tools = TOOL_NAMES.flatMap((tool) => {
      const figure = figureOf(rows.filter((row) => row.tool === tool))
      return figure === undefined ? [] : [[tool, figure] as const]
    })
    return [{ name, title, tools: Object.fromEntries(tools) }]
  })
}

export function isFigure(one: Figure | { readonly failure: string } | undefined): one is Figure {
  return one !== undefined && 'seconds' in one
}

function figureOf(rows: readonly RawRow[]): Figure | { failure: string } | undefined {
  const good = rows.filter(({ seconds }) => seconds !== null)
  const failure = rows.find((row) => row.failure !== undefined)?.failure
  if (good.length === 0) return failure === undefined ? undefined : { failure }
  const saves = good.flatMap(({ latenciesMs }) => latenciesMs ?? [])
  const notes = [...new Set(good.flatMap((row) => row.notes))]
  if (failure !== undefined) notes.push(`failed in ${rows.length - good.length} of ${rows.length} rounds: ${failure}`)
  const perSave = good[0]?.latenciesMs?.length ?? 1
  return {
    seconds:
      saves.length > 0 ? percentile(saves, 0.5) / 1000 : median(good.map(({ seconds }) => seconds ?? Number.NaN)),
    bytesA: Math.round(median(good.map(({ wireBytes }) => wireBytes?.a ?? Number.NaN)) / perSave),
    bytesB: Math.round(median(good.map(({ wireBytes }) => wireBytes?.b ?? Number.NaN)) / perSave),
    ...(saves.length > 0 && {
      savesMs: {
        p50: percentile(saves, 0.5),
        p90: percentile(saves, 0.9),
        max: Math.max(...saves),
        count: saves.length,
      },
    }),
    notes,
  }
}
