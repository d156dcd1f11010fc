import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decode, encode } from './codec.ts'
import { isSyncError } from './error-codes.ts'
import { LIMITS } from './limits.ts'

const anything = z.unknown()

test('what was written is read, whatever it is made of', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(
        fc.integer(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.constant(null),
        fc.maxSafeNat(),
        fc.uint8Array({ maxLength: 300 }),
      ),
      fc.array(tie('any'), { maxLength: 30 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie('any'), { noNullPrototype: true, maxKeys: 30 }),
    ),
  })).any
  fc.assert(
    fc.property(value, (written) => {
      fc.pre(!JSON.stringify(written)?.includes('__proto__'))
      expect(encode(decode(anything, encode(written)))).toEqual(encode(written))
    }),
  )
})

test('any bytes are a message or a bad request', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(outcomeOf(bytes)).toMatch(/^(message|bad-request)$/)
    }),
    { numRuns: 2000 },
  )
})

test('a message is nested as deep as it may be, and no deeper', () => {
  const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x81), Buffer.of(0)])
  expect(decode(anything, nested(LIMITS.nesting))).toBeInstanceOf(Array)
  expect(() => decode(anything, nested(LIMITS.nesting + 1))).toThrow(`deeper than ${LIMITS.nesting} levels`)
})

test('a message is as large as it may be inflated, and no larger', () => {
  const sized = (bytes: number) => {
    const message = Buffer.alloc(bytes)
    message[0] = 0x5a
    message.writeUInt32BE(bytes - 5, 1)
    return message
  }
  expect(decode(z.instanceof(Uint8Array), sized(LIMITS.inflatedBytes)).length).toBe(LIMITS.inflatedBytes - 5)
  expect(() => decode(anything, sized(LIMITS.inflatedBytes + 1))).toThrow('over the limit')
})

function outcomeOf(bytes: Uint8Array): string {
  try {
    decode(anything, bytes)
    return 'message'
  } catch (error) {
    return isSyncError(error) ? error.code : String(error)
  }
}

describe('is refused before anything is made of it', () => {
  const million = Buffer.alloc(1_000_005, 0xff)
  million[0] = 0x5a
  million.writeUInt32BE(1_000_000, 1)

  test.each<[string, Uint8Array, string]>([
    ['a number of a million bytes', Buffer.concat([Buffer.of(0xc2), million]), 'a tag'],
    ['a date', Buffer.of(0xc1, 0), 'a tag'],
    ['a regular expression', Buffer.of(0xd8, 27, 0x82, 0x66, ...Buffer.from('RegExp'), 0x61, 0x61), 'a tag'],
    ['a record that is defined in the message', Buffer.of(0xd9, 0xdf, 0xff, 0x83, 0x81, 0x61, 0x61, 0, 0), 'a tag'],
    ['a list of unknown length', Buffer.of(0x9f, 0, 0xff), 'unknown length'],
    ['a list of a billion', Buffer.of(0x9a, 0x3b, 0x9a, 0xca, 0x00, 0), 'too early'],
    ['a map of two to the power of 63', Buffer.of(0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0), 'too early'],
    ['a million lists, each in the one before', Buffer.alloc(1_000_000, 0x81), 'deeper'],
    ['a text that is cut short', Buffer.of(0x65, 0x61), 'too early'],
    ['two messages', Buffer.of(0, 0), 'after its end'],
    ['nothing', Buffer.alloc(0), 'too early'],
  ])('%s', (_what, bytes, why) => {
    expect(() => decode(anything, bytes)).toThrow(why)
  })
})
