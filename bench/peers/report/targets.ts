import type { ToolName } from '../tools/tool.ts'
import { isFigure, type CaseSummary, type Figure } from './summary.ts'

export interface Verdict {
  /** What was to be reached, in words. */
  readonly target: string
  /** `reached`, or by how much each bound was missed. */
  readonly verdict: string
  readonly isReached: boolean
}

type Bound = readonly [what: string, limit: number, format: (value: number) => string]

const KIB = 1024
const MIB = 1024 * 1024

/**
 * How Causeway's figures of a case stand to what it is to reach. On a slow link
 * that is: faster and smaller than every peer that was measured. Undefined
 * where there is nothing to compare.
 */
export function judge(summary: CaseSummary, shaped: boolean): Verdict | undefined {
  const ours = summary.tools.causeway
  if (ours === undefined) return undefined
  const bounds = shaped ? againstAll(summary) : (LOCAL[summary.name]?.(summary.tools) ?? [])
  if (bounds.length === 0) return undefined
  const target = bounds.map(([what, limit, format]) => `${what} ≤ ${format(limit)}`).join(', ')
  if (!isFigure(ours)) return { target, verdict: `FAILED: ${firstLine(ours.failure)}`, isReached: false }
  const measured = bounds.map(([what, limit]) => [what, valueOf(what, ours), limit] as const)
  const missed = measured.filter(([, value, limit]) => !(value <= limit))
  const verdict = missed.map(([what, value, limit]) => `${what} ${(value / limit).toFixed(2)} ×`).join(', ')
  return missed.length === 0
    ? { target, verdict: 'reached', isReached: true }
    : { target, verdict: `MISSED: ${verdict}`, isReached: false }
}

type Tools = CaseSummary['tools']

const LOCAL: Readonly<Record<string, (tools: Tools) => readonly Bound[]>> = {
  tree: ({ rsync }) => (isFigure(rsync) ? [time(1.5 * rsync.seconds), up(rsync.bytesA), down(rsync.bytesA)] : []),
  file: ({ rsync }) => (isFigure(rsync) ? [time(1.2 * rsync.seconds)] : []),
  overwrite: () => [time(1), up(16 * KIB), down(16 * KIB)],
  insert: () => [time(1.5), up(16 * KIB), down(16 * KIB)],
  append: () => [time(1), up(1.05 * MIB), down(1.05 * MIB)],
  replace: () => [up(450_000), down(400_000)],
  rename: () => [time(0.1), up(4 * KIB), down(4 * KIB)],
  delete: () => [time(1), up(16 * KIB), down(16 * KIB)],
  copy: () => [up(16 * KIB), down(16 * KIB)],
  move: () => [up(16 * KIB), down(16 * KIB)],
  saves: () => [
    ['p50', 10, milliseconds],
    ['p90', 20, milliseconds],
    ['max', 50, milliseconds],
  ],
}

function againstAll({ tools }: CaseSummary): readonly Bound[] {
  const peers = (Object.keys(tools) as ToolName[]).filter((name) => name !== 'causeway').map((name) => tools[name])
  const figures = peers.filter(isFigure)
  if (figures.length === 0) return []
  const [seconds, bytes] = [figures.map((one) => one.seconds), figures.map((one) => one.bytesA)].map((all) =>
    Math.min(...all),
  )
  return [time(seconds ?? 0), up(bytes ?? 0), down(bytes ?? 0)]
}

function valueOf(what: string, { seconds, bytesA, bytesB, savesMs }: Figure): number {
  switch (what) {
    case 'time':
      return seconds
    case 'up':
      return bytesA
    case 'down':
      return bytesB
    case 'p50':
      return savesMs?.p50 ?? Number.NaN
    case 'p90':
      return savesMs?.p90 ?? Number.NaN
    default:
      return savesMs?.max ?? Number.NaN
  }
}

function time(limit: number): Bound {
  return ['time', limit, (value) => `${value.toFixed(2)} s`]
}

function up(limit: number): Bound {
  return ['up', limit, bytesText]
}

function down(limit: number): Bound {
  return ['down', limit, bytesText]
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`
}

/** In the decimal units of networks. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${Math.round(bytes).toLocaleString('en')} B`
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)} kB`
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
