import { expect, test } from 'vitest'
import { createMeter } from './meter.ts'

test('what took how long is null before the first, then the quantiles of what was measured', () => {
  const meter = createMeter()
  expect(meter.readings()).toMatchObject({ p50Ms: null, p99Ms: null, fanOutP50Ms: null, fanOutP99Ms: null })
  for (let milliseconds = 1; milliseconds <= 100; milliseconds++) meter.fannedOut(milliseconds)
  meter.committed([], 7)
  expect(meter.readings()).toMatchObject({ p50Ms: 7, fanOutP50Ms: 50, fanOutP99Ms: 99 })
})

test('who listens hears of all that took time from then on', () => {
  const meter = createMeter()
  const heard: [string, number][] = []
  meter.fannedOut(1)
  meter.onMeasured((what, milliseconds) => heard.push([what, milliseconds]))
  meter.fannedOut(2)
  meter.committed([], 3)
  expect(heard).toEqual([
    ['fan-out', 2],
    ['commit', 3],
  ])
})
