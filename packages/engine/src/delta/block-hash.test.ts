import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BASE, leavingFactor, strongHash, weakHash } from './block-hash.ts'

describe('frozen checksums (docs/spec/deltas.md)', () => {
  test.each<[string, Uint8Array, number, number]>([
    ['no bytes', new Uint8Array(), 0, 0x9d16c03f],
    ['a zero', new Uint8Array(1), 1, 0xd4f067c0],
    ['two zeros', new Uint8Array(2), 0x08104226, 0xe4f83db6],
    ['five bytes', Uint8Array.of(1, 2, 3, 4, 5), 0x435d859c, 0xdfec3181],
    ['every byte', Uint8Array.from({ length: 256 }, (_, value) => value), 0xf7731680, 0xbde29cc1],
  ])('%s', (_name, bytes, weak, strong) => {
    expect(weakHash(bytes, 0, bytes.length) >>> 0).toBe(weak)
    expect(strongHash(bytes, 0, bytes.length) >>> 0).toBe(strong)
  })
})

test('the weak checksum rolls', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 100 }), (bytes) => {
      const length = bytes.length - 1
      const leaving = Math.imul((bytes[0] ?? 0) + 1, leavingFactor(length))
      const rolled = Math.imul(weakHash(bytes, 0, length), BASE) + (bytes[length] ?? 0) + 1 - leaving
      expect(rolled | 0).toBe(weakHash(bytes, 1, bytes.length))
    }),
  )
})

test('both tell where in the bytes they look', () => {
  const bytes = Uint8Array.of(9, 1, 2, 3, 9)
  for (const hash of [weakHash, strongHash]) expect(hash(bytes, 1, 4)).toBe(hash(Uint8Array.of(1, 2, 3), 0, 3))
})
