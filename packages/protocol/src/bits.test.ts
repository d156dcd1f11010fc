import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitAt, bitBytes, encodeBits } from './bits.ts'

test('bits come back as they were put in, and are no behind the end', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (bits) => {
      const bytes = encodeBits(bits)
      expect(bytes.length).toBe(bitBytes(bits.length))
      expect(bits.map((_, at) => bitAt(bytes, at))).toEqual(bits)
      expect(bitAt(bytes, bits.length + 8)).toBe(false)
    }),
  )
})

test('the first answer is the lowest bit', () => {
  expect([...encodeBits([true, false, true, false, false, false, false, false, true])]).toEqual([5, 1])
})
