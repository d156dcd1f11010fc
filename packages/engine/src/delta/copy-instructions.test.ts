import { LIMITS } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyCopies, copyWriter } from './copy-instructions.ts'

const REGION = Uint8Array.from({ length: 300 }, (_, at) => at & 255)

describe('frozen form (docs/spec/deltas.md)', () => {
  test.each<[string, number[], number[]]>([
    ['nothing', [], []],
    ['literals alone', [3, 7, 8, 9], [7, 8, 9]],
    ['a copy', [0, 2, 20], [10, 11]],
    ['a literal between two copies', [0, 2, 20, 1, 99, 3, 0], [10, 11, 99, 12, 13, 14]],
    ['a copy from further back', [0, 2, 20, 0, 1, 23], [10, 11, 0]],
    ['a number of two bytes', [0, 1, 0x96, 0x02], [139]],
  ])('%s', (_name, instructions, bytes) => {
    expect([...applyCopies(REGION, Uint8Array.from(instructions), bytes.length)]).toEqual(bytes)
  })

  test('the writer writes it', () => {
    const writer = copyWriter(Uint8Array.of(10, 11, 99, 12, 13, 14, 0))
    writer.copy(0, 10, 2)
    writer.copy(3, 12, 1)
    writer.copy(4, 13, 2)
    writer.copy(6, 0, 1)
    expect([...writer.finish()]).toEqual([0, 2, 20, 1, 99, 3, 0, 0, 1, 29])
  })
})

describe('hostile instructions', () => {
  test.each<[string, number[], number]>([
    ['too few bytes', [1, 7], 2],
    ['too many bytes', [2, 7, 7], 1],
    ['too many copied bytes', [0, 3, 0], 2],
    ['a literal that is cut short', [5, 7], 5],
    ['a copy without a place', [0, 3], 3],
    ['a copy of nothing', [0, 0, 0], 0],
    ['a copy from before the region', [0, 1, 1], 1],
    ['a copy from behind it', [0, 1, 0xd8, 0x04], 1],
    ['a copy over its end', [0, 2, 0xd6, 0x04], 2],
    ['an endless number', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 0],
    ['a number over 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f], 0],
    ['a number that is cut short', [0x80], 0],
  ])('%s', (_name, instructions, sizeBytes) => {
    expect(() => applyCopies(REGION, Uint8Array.from(instructions), sizeBytes)).toThrow(RangeError)
  })

  test.each([-1, Number.NaN, LIMITS.deltaBytes + 1])('%s bytes are not made', (sizeBytes) => {
    expect(() => applyCopies(REGION, new Uint8Array(), sizeBytes)).toThrow(RangeError)
  })

  test('any bytes make exactly what was announced, or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(400), (instructions, sizeBytes) => {
        expect(outcomeOf(instructions, sizeBytes)).toBeOneOf([sizeBytes, 'RangeError'])
      }),
      { numRuns: 1000 },
    )
  })
})

/** How many bytes came out, or what was thrown. */
function outcomeOf(instructions: Uint8Array, sizeBytes: number): unknown {
  try {
    return applyCopies(REGION, instructions, sizeBytes).length
  } catch (error) {
    return error instanceof RangeError ? 'RangeError' : error
  }
}
