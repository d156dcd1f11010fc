import { expect, test } from 'vitest'
import { rangeOf } from './byte-range.ts'

test.each([
  ['no header', undefined, 10, null],
  ['the first bytes', 'bytes=0-3', 10, { start: 0, end: 4 }],
  ['from a byte on', 'bytes=4-', 10, { start: 4, end: 10 }],
  ['the last bytes', 'bytes=-3', 10, { start: 7, end: 10 }],
  ['more last bytes than there are', 'bytes=-30', 10, { start: 0, end: 10 }],
  ['an end beyond the end', 'bytes=4-99', 10, { start: 4, end: 10 }],
  ['a start beyond the end', 'bytes=10-', 10, 'unsatisfiable'],
  ['anything of nothing', 'bytes=0-', 0, 'unsatisfiable'],
  ['no last bytes', 'bytes=-0', 10, 'unsatisfiable'],
  ['an end before its start', 'bytes=4-3', 10, null],
  ['several ranges', 'bytes=0-1,3-4', 10, null],
  ['another unit', 'lines=0-1', 10, null],
  ['a number past all numbers', `bytes=${'9'.repeat(400)}-`, 10, 'unsatisfiable'],
])('%s', (_name, header, size, expected) => {
  expect(rangeOf(header, size)).toEqual(expected)
})
