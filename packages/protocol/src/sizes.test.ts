import { expect, test } from 'vitest'
import { parseSize, sizeInWords } from './sizes.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [99_960, '100 kB'],
  [2 ** 30, '1.1 GB'],
])('%i bytes read %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words)
})

test.each([
  ['0', 0],
  ['512', 512],
  ['2k', 2048],
  ['1G', 2 ** 30],
])('%s is read as %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '-1', '1.5G', '5%', '1 G', '999999999999999T'])('%j is no size', (text) => {
  expect(parseSize(text)).toBeUndefined()
})
