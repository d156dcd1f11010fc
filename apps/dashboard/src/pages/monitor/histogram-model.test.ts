import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barsOf, labelsThatFit, meanMs } from './histogram-model.ts'

const BOUNDS = [0.5, 1, 1000, 60_000]

test('bars go from the first bucket with anything in it to the last', () => {
  expect(barsOf({ counts: [0, 3, 0, 6, 0], count: 9, sumMs: 90 }, BOUNDS)).toEqual([
    { label: '1 ms', count: 3, height: 0.5, words: '0.5 ms up to 1 ms: 3 (33.3 % of 9 times)' },
    { label: '1 s', count: 0, height: 0, words: '1 ms up to 1 s: 0 (0 % of 9 times)' },
    { label: '1 min', count: 6, height: 1, words: '1 s up to 1 min: 6 (66.7 % of 9 times)' },
  ])
})

test('the ends are told as what they are', () => {
  const bars = barsOf({ counts: [1, 0, 0, 0, 1], count: 2, sumMs: 1 }, BOUNDS)
  expect([bars[0]?.words, bars.at(-1)?.words]).toEqual([
    'up to 0.5 ms: 1 (50.0 % of 2 times)',
    'over 1 min: 1 (50.0 % of 2 times)',
  ])
})

test('before the first there is nothing to draw and no mean', () => {
  const none = { counts: [0, 0, 0, 0, 0], count: 0, sumMs: 0 }
  expect([barsOf(none, BOUNDS), meanMs(none)]).toEqual([[], null])
})

test('labels are left out rather than drawn over each other', () => {
  const labels = ['1 ms', '2 ms', '5 ms', '10 ms', '20 ms', '50 ms', '100 ms', 'over 1 min']
  expect([...labelsThatFit(labels, 1000)]).toEqual([1, 3, 5, 7])
  expect([...labelsThatFit(labels, 200)]).toEqual([1, 4, 7])
  expect([...labelsThatFit(labels, 0)]).toEqual([7])
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 }), { minLength: 1 }), fc.nat(2000), (texts, width) => {
      const shown = [...labelsThatFit(texts, width)]
      const apart = Math.min(64, width / texts.length)
      const overlaps = shown.some((at, index) => {
        const next = shown[index + 1]
        if (next === undefined) return false
        return (next - at) * apart < (((texts[at]?.length ?? 0) + (texts[next]?.length ?? 0)) * 6.6) / 2
      })
      expect(overlaps).toBe(false)
    }),
  )
})
