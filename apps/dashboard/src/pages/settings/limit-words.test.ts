import { expect, test } from 'vitest'
import { gigabytes, limitWords, sentWords } from './limit-words.ts'

const folder = { counts: { files: 1, directories: 0, symlinks: 0, bytes: 5_000_000 } }

test('the limit stands beside what the folder holds', () => {
  expect(limitWords(folder, null)).toBe('holds 5.00 MB now, without its history')
  expect(limitWords(folder, 5_000_000)).toBe('holds 5.00 MB now, without its history')
})

test('above its limit a folder keeps what it has, which is said', () => {
  expect(limitWords(folder, 4_999_999)).toContain('nothing is removed')
})

test('a limit is shown in gigabytes of three decimals', () => {
  expect(gigabytes(12_345_678_901)).toBe(12.346)
})

test('what a node sent stands beside what it may send a day, and that nothing more is taken', () => {
  expect(sentWords({ dailyBytes: null })).toContain('counted from when a limit is set')
  expect(sentWords({ dailyBytes: 10_000_000, sentBytes: 5_000_000 })).toBe(
    'sent 5.00 MB in the last 24 hours, over all folders',
  )
  expect(sentWords({ dailyBytes: 5_000_000, sentBytes: 5_000_000 })).toContain('no new contents are taken')
})
