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
  expect(meter.secondsLeft(1_000_000, 15_000)).toBeCloseTo(10, 0)
})

test('a change of speed shows within some seconds', () => {
  const meter = createRateMeter(0)
  for (let ms = 10; ms <= 10_000; ms += 10) meter.add(10_000, ms)
  for (let ms = 10_010; ms <= 16_000; ms += 10) meter.add(1_000, ms)
  expect(meter.bytesPerSecond(16_000)).toBeLessThan(150_000)
})

test('while nothing passes the rate falls to nothing, and the time left is unknown', () => {
  const meter = createRateMeter(0)
  meter.add(1_000_000, 500)
  const shown = [600, 1_000, 5_000, 60_000].map((ms) => meter.bytesPerSecond(ms))
  expect(shown).toEqual([...shown].sort((a, b) => b - a))
  expect(meter.bytesPerSecond(60_000)).toBeLessThan(1)
  expect(meter.secondsLeft(10, 60_000)).toBeNull()
})

test('a transfer that has stood for some seconds is stalled, and its time left is unknown however fast it was', () => {
  const meter = createRateMeter(0)
  for (let ms = 10; ms <= 10_000; ms += 10) meter.add(1_000_000, ms)
  expect(meter.isStalled(14_000)).toBe(false)
  expect(meter.isStalled(15_000)).toBe(true)
  expect(meter.bytesPerSecond(15_000)).toBeGreaterThan(1_000_000)
  expect(meter.secondsLeft(1e12, 15_000)).toBeNull()
  meter.add(1, 15_100)
  expect(meter.isStalled(15_100)).toBe(false)
})

test('at the very start nothing is known, and nothing left takes no time', () => {
  const meter = createRateMeter(7)
  expect(meter.bytesPerSecond(7)).toBe(0)
  expect(meter.secondsLeft(100, 7)).toBeNull()
  expect(meter.secondsLeft(0, 7)).toBe(0)
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
        const left = meter.secondsLeft(1_000, nowMs)
        expect(left === null || (Number.isFinite(left) && left > 0)).toBe(true)
      }
    }),
  )
})
