import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, percentile } from './statistics.ts'

test('the median of an odd number of values is the middle one, of an even number the lower middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2)
  expect(median([])).toBeNaN()
})

test('a percentile is a measured value, and at least its share of the values is not above it', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const found = percentile(all, share)
      expect(all).toContain(found)
      expect(all.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * all.length)
    }),
  )
})

test.each([
  [0.5, 20],
  [0.9, 36],
  [1, 40],
])('of the whole numbers from 1 to 40, the percentile at %d is %d', (share, expected) => {
  expect(
    percentile(
      Array.from({ length: 40 }, (_, index) => index + 1),
      share,
    ),
  ).toBe(expected)
})
