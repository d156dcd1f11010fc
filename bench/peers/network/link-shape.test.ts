import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDirection, formatLinkShape, parseLinkShape } from './link-shape.ts'

test('a link is written as rate and round trip', () => {
  expect(parseLinkShape('50mbit,40ms')).toEqual({ bitsPerSecond: 50e6, roundTripMs: 40 })
  expect(parseLinkShape(' 1.5Gbit,0ms ')).toEqual({ bitsPerSecond: 1.5e9, roundTripMs: 0 })
  expect(formatLinkShape(parseLinkShape('512kbit,100ms'))).toBe('0.512 Mbit/s each way, 100 ms round trip')
})

test.each(['50mbit', '50,40', '0mbit,40ms', '50mbit,40s', ''])('%j is no link', (text) => {
  expect(() => parseLinkShape(text)).toThrow(RangeError)
})

test('bytes leave at the rate, one after the other, and travel half a round trip', () => {
  const direction = createDirection({ bitsPerSecond: 8e6, roundTripMs: 40 })
  expect(direction.arrival(1000, 0)).toBeCloseTo(1 + 20)
  expect(direction.arrival(1000, 0)).toBeCloseTo(2 + 20)
  expect(direction.queued(0)).toBeCloseTo(2000)
  expect(direction.queued(2)).toBe(0)
  // An idle link saves nothing up.
  expect(direction.arrival(1000, 500)).toBeCloseTo(501 + 20)
})

test('no pattern of sending goes faster than the rate, and nothing overtakes', () => {
  const sends = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), pauseMs: fc.integer({ min: 0, max: 50 }) }),
  )
  fc.assert(
    fc.property(sends, (pieces) => {
      const direction = createDirection({ bitsPerSecond: 10e6, roundTripMs: 10 })
      let [now, total, last] = [0, 0, 0]
      for (const { bytes, pauseMs } of pieces) {
        now += pauseMs
        total += bytes
        const arrival = direction.arrival(bytes, now)
        expect(arrival).toBeGreaterThanOrEqual(last)
        expect(arrival - 5 + 1e-6).toBeGreaterThanOrEqual((total * 8) / 10e3)
        last = arrival
      }
    }),
  )
})
