import type { ThroughputResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { barsOf, chartsOf, gapsOf, sumOf, ticksOf } from './throughput-model.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

test('an axis begins at nothing and ends at a round number above the highest sum', () => {
  const charts = chartsOf(told({ ash: [10, 3, 0], oak: [2, 0, 0] }), NOON + 130_000)
  expect(charts.most).toEqual({ changes: 20, bytesUp: 1, bytesDown: 1 })
  expect([sumOf(charts, 'changes', 0), sumOf(charts, 'changes', null)]).toEqual([12, 15])
})

test('the bucket under way ends now, and none lies in the future', () => {
  const { buckets } = chartsOf(told({ ash: [1, 1, 1] }), NOON + 130_000)
  expect(buckets.map(({ untilMs }) => untilMs - NOON)).toEqual([60_000, 120_000, 130_000])
})

test('bars stand on those of the parts before them', () => {
  const charts = chartsOf(told({ ash: [6, 0], oak: [4, 2] }), NOON)
  const box = { width: 8, height: 100 }
  expect(charts.most.changes).toBe(10)
  expect(barsOf(charts, 'changes', 0, box)).toBe('M0 40h4v60h-4Z')
  expect(barsOf(charts, 'changes', 1, box)).toBe('M0 0h4v40h-4ZM4 80h4v20h-4Z')
})

test('what is too many to show is one part, and nothing of it is lost', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`n${at}`, [at]]))
  const charts = chartsOf(told(many), NOON)
  expect(charts.parts.map(({ id }) => id)).toEqual(['n19', 'n18', 'n17', 'n16', 'n15', null])
  expect(sumOf(charts, 'changes', null)).toBe(190)
})

test('a time in which nobody looked is a gap', () => {
  const response = { ...told({ ash: [1, 0, 0, 1, 0] }), measured: [true, false, false, true, false] }
  expect(gapsOf(chartsOf(response, NOON))).toEqual([
    [1, 3],
    [4, 5],
  ])
})

test('the axis of time carries full ten minutes', () => {
  const { length } = ticksOf(chartsOf(told({ ash: Array.from({ length: 61 }, () => 1) }), NOON + 3_600_000))
  expect(length).toBe(7)
})

function told(changes: Readonly<Record<string, readonly number[]>>): ThroughputResponse {
  const series = Object.entries(changes).map(([id, values]) => {
    const none = values.map(() => 0)
    return { id, changes: [...values], bytesUp: none, bytesDown: none }
  })
  const measured = (series[0]?.changes ?? []).map(() => true)
  return { from: new Date(NOON).toISOString(), bucketMs: 60_000, measured, series }
}
