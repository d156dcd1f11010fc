import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitmix64 } from '../chunker/splitmix64.ts'
import { copiesAgainst } from './copies-against.ts'
import { applyCopies, narrowCopies } from './copy-instructions.ts'
import { signatureBlockBytes, signBlocks, SIGNATURE_BYTES } from './signature.ts'

/** Random bytes, or few different ones so that blocks repeat. */
const anyRegion: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.array(fc.constantFrom(0, 0, 0, 1), { maxLength: 600 }).map((values) => Uint8Array.from(values)),
  fc.record({ seed: fc.nat(9), length: fc.nat(3000) }).map(({ seed, length }) => randomBytes(seed, length)),
)
const anyEdits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(200),
    put: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 5 },
)
const anyBlock = fc.integer({ min: 1, max: 130 })

test('instructions make the edited bytes again, whatever was edited', () => {
  fc.assert(
    fc.property(anyRegion, anyEdits, anyBlock, (region, edits, blockBytes) => {
      const bytes = edited(region, edits)
      const instructions = instructionsFor(region, bytes, blockBytes)
      expect(applyCopies(region, instructions, bytes.length)).toEqual(bytes)
    }),
    { numRuns: 300 },
  )
})

test('from the part of the region that they copy from, narrowed instructions make the same', () => {
  fc.assert(
    fc.property(anyRegion, anyEdits, anyBlock, (region, edits, blockBytes) => {
      const bytes = edited(region, edits)
      const instructions = instructionsFor(region, bytes, blockBytes)
      const narrowed = narrowCopies(instructions, region.length) ?? { offset: 0, length: 0, instructions }
      const part = region.subarray(narrowed.offset, narrowed.offset + narrowed.length)
      expect(applyCopies(part, narrowed.instructions, bytes.length)).toEqual(bytes)
      expect(narrowed.instructions.length).toBeLessThanOrEqual(instructions.length)
    }),
    { numRuns: 200 },
  )
})

test('instructions without a copy need no region', () => {
  expect(narrowCopies(Uint8Array.of(2, 7, 7), 100)).toBeNull()
  expect(narrowCopies(new Uint8Array(), 100)).toBeNull()
})

test('instructions are never longer than the bytes by more than a few numbers for each copy of a short block', () => {
  fc.assert(
    fc.property(anyRegion, anyEdits, fc.integer({ min: 64, max: 200 }), (region, edits, blockBytes) => {
      const bytes = edited(region, edits)
      expect(instructionsFor(region, bytes, blockBytes).length).toBeLessThanOrEqual(bytes.length + 15)
    }),
  )
})

describe('what an edit of a chunk of 256 KiB costs', () => {
  const chunk = randomBytes(1, 256 * 1024)
  const blockBytes = signatureBlockBytes(chunk.length)
  const signatureBytes = Math.ceil(chunk.length / blockBytes) * SIGNATURE_BYTES

  test.each<[string, Uint8Array, number]>([
    ['nothing changed', chunk, 8],
    ['4 KiB overwritten', spliced(chunk, 100_001, 4096, randomBytes(2, 4096)), 4096 + blockBytes + 24],
    ['one byte put in front', spliced(chunk, 0, 0, Uint8Array.of(7)), 16],
    ['one byte put in the middle', spliced(chunk, 131_000, 0, Uint8Array.of(7)), blockBytes + 24],
    ['one byte removed from the middle', spliced(chunk, 131_000, 1, new Uint8Array()), blockBytes + 24],
    ['one byte put at the end', spliced(chunk, chunk.length, 0, Uint8Array.of(7)), 16],
    [
      'halves that changed places',
      spliced(chunk.subarray(131_072), 131_072, 0, chunk.subarray(0, 131_072)),
      blockBytes + 32,
    ],
  ])('%s', (_name, bytes, most) => {
    expect(instructionsFor(chunk, bytes, blockBytes).length).toBeLessThanOrEqual(most)
    expect(signatureBytes + most).toBeLessThan(8 * 1024)
  })
})

test('bytes in which one block repeats are one copy after the other, and are found quickly', () => {
  const region = new Uint8Array(64 * 1024)
  const bytes = new Uint8Array(1024 * 1024)
  const instructions = instructionsFor(region, bytes, 1024)
  expect(instructions.length).toBeLessThan(1024 * 8)
  expect(applyCopies(region, instructions, bytes.length)).toEqual(bytes)
})

test('without a region everything is literal', () => {
  const bytes = randomBytes(3, 1000)
  expect(instructionsFor(new Uint8Array(), bytes, 256).length).toBe(1002)
})

test('no bytes need no instructions', () => {
  expect(instructionsFor(randomBytes(4, 1000), new Uint8Array(), 256).length).toBe(0)
})

test('a forged signature leads to wrong bytes or literals, never to endless work', () => {
  const region = new Uint8Array(1024 * 1024)
  const blockBytes = 64 * 1024
  const signature = signBlocks(region, blockBytes)
  for (let at = 4; at < signature.length; at += SIGNATURE_BYTES) signature[at] = (signature[at] ?? 0) ^ 1
  const bytes = new Uint8Array(1024 * 1024)
  const instructions = copiesAgainst(signature, blockBytes, region.length, bytes)
  expect(applyCopies(region, instructions, bytes.length)).toEqual(bytes)
})

test.each([
  ['too short', new Uint8Array(3 * SIGNATURE_BYTES), 256, 1024],
  ['too long', new Uint8Array(5 * SIGNATURE_BYTES), 256, 1024],
  ['with blocks of no bytes', new Uint8Array(4 * SIGNATURE_BYTES), 0, 1024],
  ['with blocks of no size', new Uint8Array(4 * SIGNATURE_BYTES), Number.NaN, 1024],
])('a signature %s is refused', (_name, signature, blockBytes, regionBytes) => {
  expect(() => copiesAgainst(signature, blockBytes, regionBytes, new Uint8Array(10))).toThrow(RangeError)
})

test('any signature of the right length gives instructions that fit the region', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 300 }),
      anyBlock,
      (seed, bytes, blockBytes) => {
        const blocks = Math.floor(seed.length / SIGNATURE_BYTES)
        const region = new Uint8Array(blocks * blockBytes)
        const signature = seed.subarray(0, blocks * SIGNATURE_BYTES)
        const instructions = copiesAgainst(signature, blockBytes, region.length, bytes)
        expect(applyCopies(region, instructions, bytes.length).length).toBe(bytes.length)
      },
    ),
  )
})

function instructionsFor(region: Uint8Array, bytes: Uint8Array, blockBytes: number): Uint8Array {
  return copiesAgainst(signBlocks(region, blockBytes), blockBytes, region.length, bytes)
}

function edited(bytes: Uint8Array, edits: readonly { at: number; removed: number; put: Uint8Array }[]): Uint8Array {
  return edits.reduce(
    (result, { at, removed, put }) => spliced(result, Math.floor(at * result.length), removed, put),
    bytes,
  )
}

function spliced(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  const rest = bytes.subarray(at + removed)
  const result = new Uint8Array(at + put.length + rest.length)
  result.set(bytes.subarray(0, at))
  result.set(put, at)
  result.set(rest, at + put.length)
  return result
}

function randomBytes(seed: number, length: number): Uint8Array {
  const outputs = splitmix64(BigInt(seed))
  const words = BigUint64Array.from({ length: Math.ceil(length / 8) }, () => outputs.next().value)
  return new Uint8Array(words.buffer, 0, length)
}
