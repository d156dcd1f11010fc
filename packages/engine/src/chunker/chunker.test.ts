import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { chunkLengths, createChunker, type Chunker } from './chunker.ts'
import { GEAR } from './gear.ts'
import { CDC_64K, type ChunkerProfile } from './profile.ts'
import { splitmix64 } from './splitmix64.ts'

/** Small enough for properties to see many cuts. */
const SMALL: ChunkerProfile = { name: 'small', minBytes: 61, averageBytes: 256, maxBytes: 1021 }
const ENGINES = ['javascript', 'wasm'] as const
const RUNS = { numRuns: 60 }

const anyProfile: fc.Arbitrary<ChunkerProfile> = fc
  .record({
    bits: fc.integer({ min: 4, max: 9 }),
    min: fc.double({ min: 0, max: 0.99, noNaN: true }),
    above: fc.nat(900),
  })
  .map(({ bits, min, above }) => {
    const averageBytes = 2 ** bits
    const minBytes = Math.max(1, Math.floor(averageBytes * min))
    return { name: 'any', minBytes, averageBytes, maxBytes: averageBytes + 1 + above }
  })

/** Random bytes, with runs of one byte and repeats in between. */
const anyBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.record({
      seed: fc.bigInt({ min: 0n, max: 99n }),
      length: fc.nat(3000),
      form: fc.constantFrom('random', 'random', 'constant'),
    }),
    { maxLength: 6 },
  )
  .map((parts) =>
    joined(
      parts.map(({ seed, length, form }) =>
        form === 'constant' ? new Uint8Array(length).fill(Number(seed)) : splitmixBytes(seed, length),
      ),
    ),
  )

describe('frozen cut points (docs/spec/chunking.md)', () => {
  test('the gear table is the published one', () => {
    const bytes = new DataView(new ArrayBuffer(1024))
    GEAR.forEach((word, value) => bytes.setInt32(value * 4, word, true))
    expect(Array.from(GEAR.slice(0, 4), (word) => word >>> 0)).toEqual([0x3d57fa2d, 0x599c77ee, 0xee978349, 0x7d3c2cf1])
    expect(sha256(new Uint8Array(bytes.buffer))).toBe(
      '523685d353c1039de94b957b988b017d0316de1e6be4b7455344d6b96abc932a',
    )
  })

  const random = splitmixBytes(0n, 1_000_000)
  const lines = new TextEncoder().encode(Array.from({ length: 20_000 }, (_, i) => `line ${i + 1}\n`).join(''))
  const wheel = Uint8Array.from({ length: 300_000 }, (_, i) => i & 255)

  test('the random input is the published one', () => {
    expect(sha256(random)).toBe('b3d0a1f7938cd4d8413a4dcffd4313e2e8ac0cb61cb1090eb140ea8e9154befb')
  })

  test.each([
    ['no bytes', new Uint8Array(0), []],
    ['one byte', Uint8Array.of(7), [1]],
    ['random bytes up to the least size', random.subarray(0, 16_384), [16_384]],
    [
      'a million random bytes',
      random,
      [82810, 72904, 99810, 80631, 71593, 66692, 92345, 67328, 52185, 67193, 61608, 51416, 73143, 60342],
    ],
    ['zeros', new Uint8Array(600_000), [262_144, 262_144, 75_712]],
    ['counting bytes', wheel, [262_144, 37_856]],
    ['numbered lines', lines, [86_780, 119_624, 2_490]],
  ])('%s', (_name, bytes, lengths) => {
    for (const engine of ENGINES) expect(chunkLengths(bytes, CDC_64K, { engine })).toEqual(lengths)
  })

  test('a small profile cuts as published', () => {
    const profile = { name: 'small', minBytes: 64, averageBytes: 256, maxBytes: 1024 }
    for (const engine of ENGINES) {
      const lengths = chunkLengths(random, profile, { engine }).slice(0, 16)
      expect(lengths).toEqual([378, 289, 291, 74, 126, 278, 266, 265, 320, 243, 152, 422, 265, 397, 277, 308])
    }
  })
})

describe.each(ENGINES)('%s', (engine) => {
  test('runs here as asked', () => {
    expect(createChunker(CDC_64K, { engine }).engine).toBe(engine)
  })

  test('chunks rejoin to the input, and only the last may be short', () => {
    fc.assert(
      fc.property(anyBytes, anyProfile, (bytes, profile) => {
        const lengths = chunkLengths(bytes, profile, { engine })
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length)
        expect(lengths.every((length) => 0 < length && length <= profile.maxBytes)).toBe(true)
        expect(lengths.slice(0, -1).every((length) => length > profile.minBytes)).toBe(true)
      }),
      RUNS,
    )
  })

  test('cuts do not depend on how the input is sliced into pieces', () => {
    fc.assert(
      fc.property(anyBytes, anyProfile, fc.array(fc.integer({ min: 0, max: 700 })), (bytes, profile, sizes) => {
        const chunker = createChunker(profile, { engine, bufferBytes: 512 })
        const lengths = slices(bytes, sizes).flatMap((piece) => chunker.push(piece))
        expect(withLast(chunker, lengths)).toEqual(chunkLengths(bytes, profile, { engine }))
      }),
      RUNS,
    )
  })

  test('scanning the own buffer, refilled in any portions, gives the same cuts', () => {
    fc.assert(
      fc.property(anyBytes, anyProfile, fc.array(fc.integer({ min: 0, max: 512 })), (bytes, profile, sizes) => {
        const chunker = createChunker(profile, { engine, bufferBytes: 512 })
        const buffer = chunker.buffer()
        const ends: number[] = []
        let taken = 0
        for (const piece of slices(bytes, sizes, 512)) {
          const start = buffer.length - piece.length
          buffer.set(piece, start)
          let cut = chunker.scan(start, buffer.length)
          while (cut !== null) {
            ends.push(taken + cut - start)
            cut = chunker.scan(cut, buffer.length)
          }
          taken += piece.length
        }
        const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0))
        expect(withLast(chunker, lengths)).toEqual(chunkLengths(bytes, profile, { engine }))
      }),
      RUNS,
    )
  })

  test('after its end a chunker is as new', () => {
    const chunker = createChunker(SMALL, { engine })
    const bytes = splitmixBytes(5n, 5_000)
    const first = withLast(chunker, chunker.push(bytes))
    expect(withLast(chunker, chunker.push(bytes))).toEqual(first)
    expect(chunker.finish()).toBeNull()
  })

  test('its buffer stays the same view and has the size that was asked for', () => {
    const chunker = createChunker(SMALL, { engine, bufferBytes: 300_000 })
    const buffer = chunker.buffer()
    chunker.push(new Uint8Array(1_000_000))
    expect(chunker.buffer()).toBe(buffer)
    expect(buffer.length).toBe(300_000)
  })

  test('offsets outside the buffer are refused', () => {
    const chunker = createChunker(SMALL, { engine, bufferBytes: 100 })
    expect(() => chunker.scan(0, 101)).toThrow(RangeError)
    expect(() => chunker.scan(-1, 10)).toThrow(RangeError)
    expect(() => chunker.scan(11, 10)).toThrow(RangeError)
  })
})

test('both engines cut alike', () => {
  fc.assert(
    fc.property(anyBytes, anyProfile, (bytes, profile) => {
      const [plain, quick] = ENGINES.map((engine) => chunkLengths(bytes, profile, { engine }))
      expect(quick).toEqual(plain)
    }),
    { numRuns: 200 },
  )
})

test('an edit anywhere changes only the chunks around it', () => {
  const bytes = splitmixBytes(9n, 400_000)
  const before = new Set(chunkHashes(bytes))
  for (let round = 0; round < 40; round++) {
    const at = round * 9_973
    const inserted = joined([bytes.subarray(0, at), splitmixBytes(BigInt(100 + round), 1 + round), bytes.subarray(at)])
    const removed = joined([bytes.subarray(0, at), bytes.subarray(at + 1 + round)])
    for (const edited of [inserted, removed]) {
      const changed = chunkHashes(edited).filter((hash) => !before.has(hash))
      // Of some 1,350 chunks. A chance miss in resynchronising costs a few more than the one or two that hold the edit.
      expect(changed.length).toBeLessThanOrEqual(8)
    }
  }
})

test('chunks of random bytes are near the average size, and sizes vary little', () => {
  const lengths = chunkLengths(splitmixBytes(3n, 400_000), SMALL).slice(0, -1)
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  expect(mean).toBeGreaterThan(SMALL.averageBytes)
  expect(mean).toBeLessThan(SMALL.averageBytes * 1.3)
  expect(lengths.filter((length) => length === SMALL.maxBytes).length).toBeLessThan(lengths.length / 100)
})

test.each([
  ['an average that is no power of two', { minBytes: 16, averageBytes: 100, maxBytes: 400 }],
  ['a least size of zero', { minBytes: 0, averageBytes: 64, maxBytes: 400 }],
  ['a least size at the average', { minBytes: 64, averageBytes: 64, maxBytes: 400 }],
  ['a greatest size at the average', { minBytes: 16, averageBytes: 64, maxBytes: 64 }],
  ['a broken size', { minBytes: 16.5, averageBytes: 64, maxBytes: 400 }],
  ['a size that is no number', { minBytes: Number.NaN, averageBytes: 64, maxBytes: 400 }],
  ['an average below eight', { minBytes: 1, averageBytes: 4, maxBytes: 400 }],
  ['a greatest size over 1 GiB', { minBytes: 16, averageBytes: 64, maxBytes: 2 ** 30 + 1 }],
])('%s is refused', (_name, sizes) => {
  expect(() => createChunker({ name: 'bad', ...sizes })).toThrow(/profile bad/)
})

function withLast(chunker: Chunker, lengths: number[]): number[] {
  const last = chunker.finish()
  return last === null ? lengths : [...lengths, last]
}

function chunkHashes(bytes: Uint8Array): string[] {
  let at = 0
  return chunkLengths(bytes, SMALL).map((length) => sha256(bytes.subarray(at, (at += length))))
}

/** The bytes in pieces of these sizes, then the rest in pieces of at most `most`. */
function slices(bytes: Uint8Array, sizes: readonly number[], most = Number.POSITIVE_INFINITY): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const size of sizes) pieces.push(bytes.subarray(at, (at += size)))
  while (at < bytes.length) pieces.push(bytes.subarray(at, (at = Math.min(bytes.length, at + most))))
  return pieces
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function splitmixBytes(seed: bigint, length: number): Uint8Array {
  const outputs = splitmix64(seed)
  const words = BigUint64Array.from({ length: Math.ceil(length / 8) }, () => outputs.next().value)
  return new Uint8Array(words.buffer, 0, length)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
