import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Length } from './utf8.ts'

/** Any UTF-16 code unit: lone and paired surrogates come up. */
const anyUnit = fc
  .oneof(fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.nat(0xffff))
  .map((unit) => String.fromCharCode(unit))

test('counts what the platform encodes', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }),
  )
})

test.each([
  ['\x7f', 1],
  ['\x80', 2],
  ['\u07ff', 2],
  ['\u0800', 3],
  ['\uffff', 3],
  ['\u{10000}', 4],
  ['\u{10ffff}', 4],
  ['\ud800', 3],
  ['\udc00\ud800', 6],
  ['\ud800\ud800\udc00', 7],
])('%j has %d bytes', (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes)
})
