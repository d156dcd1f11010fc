import { expect, test } from 'vitest'
import { frameTimes } from './frame-times.ts'

const drawn = (ts: number, pid = 1) => ({ name: 'DrawFrame', ts, pid })

test('times are those between drawn frames, in the order of time, of the process that drew most', () => {
  const events = [drawn(36_000), drawn(0), drawn(16_000), drawn(52_000), drawn(17_000, 2), { name: 'Layout', ts: 5 }]
  expect(frameTimes([...events, { name: 'DroppedFrame', ts: 20_000, pid: 1 }])).toEqual({
    frames: 4,
    p50Ms: 16,
    p95Ms: 20,
    p99Ms: 20,
    maxMs: 20,
    dropped: 1,
    perSecond: (3 / 52) * 1000,
  })
})

test('a trace without frames is refused', () => {
  expect(() => frameTimes([drawn(0), { name: 'Layout', ts: 5 }])).toThrow('1 drawn frames: too few')
})
