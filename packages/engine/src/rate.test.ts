import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRateMeter } from './rate.ts'

test('a steady stream shows its rate from the first second on', () => {
  const meter = createRateMeter(5_000)
  const shown: number[] = []
  for (let ms = 10; ms <= 10_000; ms += 10) {
    meter.add(1_000, 5_000 + ms)
    if (ms >= 1_000) shown.push(meter.bytesPerSecond(5_000 + ms))
  }
  expect(Math.min(...shown)).toBeGreaterThan(99_000)
  expect(Math.max(...shown)).toBeLessThan(102_000)
})

test('a change of speed shows within some seconds', () => {
  const meter = createRateMeter(0)
  for (let ms = 10; ms <= 10_000; ms += 10) meter.add(10_000, ms)
  for (let ms = 10_010; ms <= 16_000; ms += 10) meter.add(1_000, ms)
  expect(meter.bytesPerSecond(16_000)).toBeLessThan(150_000)
})

test('while nothing passes the rate falls to nothing', () => {
  const meter = createRateMeter(0)
  meter.add(1_000_000, 500)
  const shown = [600, 1_000, 5_000, 60_000].map((ms) => meter.bytesPerSecond(ms))
  expect(shown).toEqual([...shown].sort((a, b) => b - a))
  expect(meter.bytesPerSecond(60_000)).toBeLessThan(1)
})

test('at the very start nothing is known', () => {
  const meter = createRateMeter(7)
  expect(meter.bytesPerSecond(7)).toBe(0)
  meter.add(100, 7)
  expect(meter.bytesPerSecond(7)).toBe(0)
})

test('whatever it is told, the rate is finite and not negative', () => {
  const anySample = fc.record({ bytes: fc.nat(1e9), stepMs: fc.integer({ min: -5_000, max: 60_000 }) })
  fc.assert(
    fc.property(fc.array(anySample), (samples) => {
      const meter = createRateMeter(0)
      let nowMs = 0
      for (const { bytes, stepMs } of samples) {
        nowMs += stepMs
        meter.add(bytes, nowMs)
        const rate = meter.bytesPerSecond(nowMs)
        expect(Number.isFinite(rate) && rate >= 0).toBe(true)
      }
    }),
  )
})
