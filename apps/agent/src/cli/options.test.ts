import { expect, test } from 'vitest'
import { parseBytes } from './options.ts'

test.each([
  ['0', 0],
  ['1048576', 1_048_576],
  ['64K', 65_536],
  ['512M', 536_870_912],
  ['2g', 2_147_483_648],
  ['1T', 1_099_511_627_776],
])('%s are %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test.each(['', 'M', '1.5G', '-1', '1 G', '1GB', '999999999999999T'])('%j is no size', (text) => {
  expect(() => parseBytes(text)).toThrow('must be a number of bytes')
})
