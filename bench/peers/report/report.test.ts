import { expect, test } from 'vitest'
import type { PeersRun, RawRow } from '../result.ts'
import type { ToolName } from '../tools/tool.ts'
import { lengthOf, plotOf } from './plot.ts'
import { isFigure, summarize } from './summary.ts'
import { headOf, tableOf } from './table.ts'
import { bytesText, judge } from './targets.ts'

const TOOLS = { rsync: 'rsync 3', causeway: 'Causeway' }

test('a figure is the median of its rounds; of saves, the percentiles of all', () => {
  const rows = [row('tree', 'rsync', 3, 300), row('tree', 'rsync', 1, 100), row('tree', 'rsync', 2, 200)]
  const saves = { ...row('saves', 'rsync', 9, 4000), latenciesMs: [10, 20, 30, 40] }
  const [tree, small] = summarize({ rows: [...rows, saves] })
  expect(tree?.tools.rsync).toMatchObject({ seconds: 2, bytesA: 200 })
  expect(small?.tools.rsync).toMatchObject({ bytesA: 1000, savesMs: { p50: 20, p90: 40, max: 40, count: 4 } })
})

test('a case that failed in one round of two tells so and keeps the other; in all, it has no figure', () => {
  const broken = { ...row('tree', 'causeway', 0, 0), seconds: null, wireBytes: null, failure: 'it broke\nhere' }
  const [half] = summarize({ rows: [row('tree', 'causeway', 2, 5), broken] })
  expect(half?.tools.causeway).toMatchObject({ seconds: 2, notes: ['failed in 1 of 2 rounds: it broke\nhere'] })
  const [whole] = summarize({ rows: [broken] })
  expect(isFigure(whole?.tools.causeway)).toBe(false)
  const table = tableOf(runOf([{ ...broken, case: 'overwrite' }]))
  expect(table).toMatch(/failed \[1\] .*FAILED: it broke +\|/)
  expect(table).toContain('[1] it broke')
})

test('a target is reached or missed by a factor', () => {
  const [reached] = summarize({ rows: [row('overwrite', 'causeway', 0.5, 16_000)] })
  expect(reached && judge(reached, false)).toMatchObject({ verdict: 'reached', isReached: true })
  const [missed] = summarize({ rows: [row('overwrite', 'causeway', 2, 32_768)] })
  expect(missed && judge(missed, false)?.verdict).toBe('MISSED: time 2.00 ×, up 2.00 ×, down 2.00 ×')
})

test('the tree is held to what rsync took in the same run, and to nothing where there is no rsync', () => {
  const ours = row('tree', 'causeway', 3, 100)
  const [both] = summarize({ rows: [ours, row('tree', 'rsync', 2, 100)] })
  expect(both && judge(both, false)).toMatchObject({
    target: 'time ≤ 3.00 s, up ≤ 100 B, down ≤ 100 B',
    isReached: true,
  })
  const [alone] = summarize({ rows: [ours] })
  expect(alone && judge(alone, false)).toBeUndefined()
})

test('on a slow link, every peer is to be beaten', () => {
  const rows = [row('copy', 'causeway', 3, 100), row('copy', 'rsync', 2, 500), row('copy', 'unison', 9, 90)]
  const [copy] = summarize({ rows })
  expect(copy && judge(copy, true)?.verdict).toBe('MISSED: time 1.50 ×, up 1.11 ×, down 1.11 ×')
})

test('the table names what was measured, what was missing, and the notes of its cells', () => {
  const noted = { ...row('delete', 'causeway', 0.25, 900), notes: ['it waited'] }
  const run = { ...runOf([row('delete', 'rsync', 1.5, 2e6), noted]), missing: ['unison: it is not installed here'] }
  expect(tableOf(run)).toContain('| delete it (brake lifted) | 1.50 s, 2.00 MB | 0.250 s, ↑ 900 B ↓ 900 B [1] |')
  expect(tableOf(run)).toContain('[1] it waited')
  expect(headOf(run)).toContain('NOT MEASURED: unison: it is not installed here')
})

test('bars are logarithmic and stay in their panel', () => {
  const full = lengthOf(100, 1, 100)
  expect(lengthOf(10, 1, 100)).toBeCloseTo(full / 2)
  expect(lengthOf(0, 1, 100)).toBe(0)
  expect(lengthOf(1e9, 1, 100)).toBe(full)
})

test('the plot is well formed, has a bar for each figure in each panel, and adapts to dark pages', () => {
  const svg = plotOf(runOf([row('tree', 'rsync', 2, 100), row('tree', 'causeway', 1, 50)]))
  expect(svg.match(/<rect class="rsync"/g)).toHaveLength(3)
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).not.toContain('NaN')
  expect(svg.match(/<text/g)?.length).toBe(svg.match(/<\/text>/g)?.length)
})

test.each([
  [999, '999 B'],
  [9999, '9,999 B'],
  [16_384, '16.4 kB'],
  [450_000, '450 kB'],
  [2_600_000, '2.60 MB'],
  [538_500_000, '538.5 MB'],
])('%d bytes read %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

function row(name: string, tool: ToolName, seconds: number, bytes: number): RawRow {
  return {
    round: 1,
    case: name,
    tool,
    seconds,
    wireBytes: { a: bytes, b: bytes, c: 0 },
    idleBytesPerSecond: 0,
    cpuSeconds: {},
    peakMemoryBytes: {},
    notes: [],
  }
}

function runOf(rows: readonly RawRow[]): PeersRun {
  const about = { machine: 'a machine', network: 'a network', quick: false, shaped: false, rounds: 1 }
  return { ...about, tools: TOOLS, missing: [], data: [], rows }
}
