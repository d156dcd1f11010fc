import { expect, test } from 'vitest'
import { BOUNDS_MS, bucketOf, createHistogram } from './histogram.ts'

test.each([
  [0, 0],
  [0.5, 0],
  [0.51, 1],
  [100, 7],
  [60_000, BOUNDS_MS.length - 1],
  [60_001, BOUNDS_MS.length],
])('%d ms are counted in bucket %d', (milliseconds, bucket) => {
  expect(bucketOf(milliseconds)).toBe(bucket)
})

test('what was observed is counted once and summed', () => {
  const histogram = createHistogram()
  for (const milliseconds of [0.4, 3, 4, 90_000]) histogram.observe(milliseconds)
  const { counts, count, sumMs } = histogram.reading()
  expect([counts[0], counts[3], counts.at(-1), count, sumMs]).toEqual([1, 2, 1, 4, 90_007.4])
})
