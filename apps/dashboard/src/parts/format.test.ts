import { expect, test } from 'vitest'
import { ago, bytes, clockTime, duration, estimate, middleCut, progressWords, share, shortClock } from './format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [1234, '1.23 kB'],
  [12_345, '12.3 kB'],
  [123_456, '123 kB'],
  [999_600, '1.00 MB'],
  [5e15, '5.00 PB'],
])('%d bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text)
})

test('a share is never rounded to none or all while it is neither', () => {
  expect(share(1, 100_000)).toBe('< 0.1 %')
  expect(share(99_999, 100_000)).toBe('> 99.9 %')
  expect(share(1, 1)).toBe('100 %')
  expect(share(0, 5)).toBe('0 %')
  expect(share(0, 0)).toBe('–')
})

test('durations have the unit that fits', () => {
  expect([3.21, 950, 4200, 61_000, 7_400_000].map(duration)).toEqual([
    '3.21 ms',
    '950 ms',
    '4.2 s',
    '1 min 1 s',
    '2 h 3 min',
  ])
})

test('a duration is never told with needless zeros, nor with sixty of a smaller unit', () => {
  expect([0, 0.004, 999.7, 59_600, 3_599_700, 119_700].map(duration)).toEqual([
    '0 ms',
    '< 0.01 ms',
    '1.0 s',
    '1 min 0 s',
    '1 h 0 min',
    '2 min 0 s',
  ])
})

test('an estimate is told as exactly as it is known', () => {
  expect([0, 7, 12, 54, 56, 130, 3_580, 5_000, 90_000].map(estimate)).toEqual([
    'a few seconds',
    'a few seconds',
    'about 15 s',
    'about 55 s',
    'about 1 min',
    'about 2 min',
    'about 1 h',
    'about 1 h 20 min',
    'over a day',
  ])
})

test('progress is told of what has a whole, and never as none of none', () => {
  expect(progressWords({ files: 1, filesTotal: 2, bytes: 500, bytesTotal: 1500 })).toBe(
    '500 B of 1.50 kB, 1 of 2 files',
  )
  expect(progressWords({ files: 0, filesTotal: 0, bytes: 500, bytesTotal: 1500 })).toBe('500 B of 1.50 kB')
  expect(progressWords({ files: 1, filesTotal: 1, bytes: 0, bytesTotal: 0 })).toBe('1 of 1 file')
  expect(progressWords({ files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 })).toBe('')
})

test('times ago are in words', () => {
  expect([0, 5_000, 120_000, 7_200_000, 172_800_000].map((ms) => ago(0, ms))).toEqual([
    'just now',
    '5 s ago',
    '2 min ago',
    '2 h ago',
    '2 days ago',
  ])
})

test('a long path keeps its end', () => {
  expect(middleCut('short.txt', 20)).toBe('short.txt')
  const cut = middleCut('a/very/long/path/to/some/file-of-interest.txt', 24)
  expect(cut).toHaveLength(24)
  expect(cut).toMatch(/^a\/very.*….*interest\.txt$/)
})

test('a time of day is written alike on an axis and everywhere else', () => {
  const afternoon = new Date(2026, 10, 30, 14, 5, 9).getTime()
  expect(clockTime(afternoon).replace(':09', '')).toBe(shortClock(afternoon))
})
