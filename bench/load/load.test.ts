import { expect, test } from 'vitest'
import { parseLoadArgs } from './args.ts'
import { memoryReportOf } from './memory.ts'
import { reportOf } from './report.ts'
import type { LoadResult } from './run.ts'

const RESULT: LoadResult = {
  subject: 'one',
  coordinators: 1,
  nodes: 100,
  writers: 100,
  files: 10,
  sizeBytes: 1024,
  drivers: 2,
  joinedPerSecond: 30,
  commits: 1000,
  successRate: 1,
  failures: [],
  seconds: 2,
  commitsPerSecond: 500,
  deliveredMs: { p50: 25, p99: 70 },
  acknowledgedMs: { p50: 20, p99: 60, max: 80 },
  fanOutMs: { p50: 1.5, p99: 4 },
  commitMs: { p50: 9, p99: 30 },
  fanOutMessages: 100_000,
  fanOutMessagesPerSecond: 50_000,
  fanOutBytes: 2e8,
  fellBehind: 0,
  settledSeconds: 0.1,
  coordinator: { cpuSeconds: 1.5, cpuShare: 0.75, peakMemoryBytes: 2e8 },
  driver: { loopLagP99Ms: 2, loopBusy: 0.4 },
}

test('the numbers of nodes are a list; what is no number is refused', () => {
  expect(parseLoadArgs([])).toMatchObject({ nodes: [10, 50, 200], files: 20, sizeBytes: 1024 })
  expect(parseLoadArgs(['--nodes', '3,7', '--files', '2'])).toMatchObject({ nodes: [3, 7], files: 2 })
  expect(parseLoadArgs(['--writers', '4'])).toMatchObject({ writers: 4 })
  expect(() => parseLoadArgs(['--writers', 'few'])).toThrow(/--writers/)
  expect(() => parseLoadArgs(['--nodes', '3,many'])).toThrow(/--nodes/)
  expect(() => parseLoadArgs(['--pause', '-1'])).toThrow(/--pause/)
})

test('at 100 nodes the report holds the time to all nodes against its target', () => {
  expect(reportOf(RESULT)).toContain('p50 1.50 ms, p99 4.00 ms (to reach at 100 nodes: p50 ≤ 3 ms: reached)')
  expect(reportOf({ ...RESULT, fanOutMs: { p50: 6, p99: 9 } })).toContain('MISSED: 2.00 ×')
  expect(reportOf({ ...RESULT, writers: 7 })).toContain('100 nodes, 7 of which commit')
  expect(reportOf({ ...RESULT, nodes: 10 })).not.toContain('to reach')
})

test('several coordinators are beside one, on servers that are named or started', () => {
  expect(parseLoadArgs([])).toMatchObject({ cluster: undefined })
  expect(parseLoadArgs(['--coordinators', '3'])).toMatchObject({
    cluster: { coordinators: 3, database: 'own', chunks: 'own' },
  })
  const report = reportOf({ ...RESULT, subject: 'cluster', coordinators: 3 })
  expect(report).toContain('3 coordinators on one PostgreSQL')
  expect(report).toContain('p50 25.0 ms, p99 70.0 ms, at any coordinator')
})

test('it says when the drivers held up what they measured, and what failed', () => {
  expect(reportOf(RESULT)).not.toContain('BOTTLENECK')
  const busy = { ...RESULT, driver: { loopLagP99Ms: 50, loopBusy: 0.97 }, failures: ['POST: 500'] }
  expect(reportOf(busy)).toContain('THE DRIVERS WERE THE BOTTLENECK')
  expect(reportOf(busy)).toContain('failure: POST: 500')
})

test('what the coordinator holds is measured on request, and held against its limit', () => {
  expect(parseLoadArgs([])).toMatchObject({ memory: undefined })
  expect(parseLoadArgs(['--memory', '--copied', '500'])).toMatchObject({ memory: { files: 500, edits: 10_000 } })
  const figure = { what: 'a copy', before: 1.2e8, peak: 3e8, after: 2e8, seconds: 9, limit: 4e8 }
  expect(memoryReportOf(figure)).toContain('120 MB before, 300 MB at most, 200 MB after (to reach: ≤ 400 MB: reached)')
  expect(memoryReportOf({ ...figure, peak: 6e8 })).toContain('MISSED: 1.50 ×')
})
