import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createMeter } from './meter.ts'

test('what took how long is null before the first, then the quantiles of what was measured', () => {
  const meter = createMeter()
  expect(meter.readings()).toMatchObject({ p50Ms: null, p99Ms: null, fanOutP50Ms: null, fanOutP99Ms: null })
  for (let milliseconds = 1; milliseconds <= 100; milliseconds++) meter.fannedOut(milliseconds)
  meter.committed([], 7)
  expect(meter.readings()).toMatchObject({ p50Ms: 7, fanOutP50Ms: 50, fanOutP99Ms: 99 })
})

test('what nodes say of their saves counts in the sum and for each node alone', () => {
  const meter = createMeter()
  const ash = NodeIdSchema.parse('ash')
  const oak = NodeIdSchema.parse('oak')
  expect(meter.readings()).toMatchObject({ saveP50Ms: null, saveP99Ms: null, save: { count: 0 }, saveByNode: [] })
  meter.saved(ash, [10, 20, 30])
  meter.saved(oak, [500])
  const { saveP50Ms, saveP99Ms, save, saveByNode } = meter.readings()
  expect([saveP50Ms, saveP99Ms, save.count, save.sumMs]).toEqual([20, 500, 4, 560])
  expect(saveByNode).toMatchObject([
    { node: ash, count: 3, p50: 20, p99: 30 },
    { node: oak, count: 1, p50: 500, p99: 500 },
  ])
  meter.forget(oak)
  expect(meter.readings().saveByNode.map(({ node }) => node)).toEqual([ash])
})

test('who listens hears of all that took time from then on', () => {
  const meter = createMeter()
  const heard: [string, number][] = []
  meter.fannedOut(1)
  meter.onMeasured((what, milliseconds) => heard.push([what, milliseconds]))
  meter.fannedOut(2)
  meter.committed([], 3)
  meter.saved(NodeIdSchema.parse('ash'), [4, 5])
  expect(heard).toEqual([
    ['fan-out', 2],
    ['commit', 3],
    ['save', 4],
    ['save', 5],
  ])
})
