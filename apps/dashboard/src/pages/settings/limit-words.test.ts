import { expect, test } from 'vitest'
import { gigabytes, limitWords } from './limit-words.ts'

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
