import { ChunkIdSchema, LIMITS, type Manifest } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkLengths } from '../chunker/chunker.ts'
import { splitmix64 } from '../chunker/splitmix64.ts'
import { createAnchorSampler, type Anchors } from './anchors.ts'
import { strongHash, weakHash } from './block-hash.ts'
import type { NewStretch, Region } from './new-stretches.ts'
import { planDeltas } from './plan-deltas.ts'

const PROFILE = { name: 'small', minBytes: 2048, averageBytes: 8192, maxBytes: 32_768 }
const LIMITED = { maxBytes: 64 * 1024, slackBytes: 1024 }

describe('anchors', () => {
  const bytes = randomBytes(1, 1_000_000)

  test('are about a thousand bytes apart', () => {
    const { offsets } = sampled(bytes)
    expect(offsets.length).toBeGreaterThan(700)
    expect(offsets.length).toBeLessThan(1200)
  })

  test('move with the bytes', () => {
    const { names, offsets } = sampled(bytes)
    const moved = sampled(joined(randomBytes(2, 777), bytes))
    const places = new Map([...moved.names].map((name, at) => [name, moved.offsets[at] ?? 0]))
    const found = [...names].filter((name, at) => places.get(name) === (offsets[at] ?? 0) + 777)
    expect(found.length).toBeGreaterThan(names.length * 0.95)
  })

  test('leave out what is skipped', () => {
    const sampler = createAnchorSampler()
    sampler.push(bytes.subarray(0, 1000))
    sampler.skip(99_000)
    sampler.push(bytes.subarray(100_000))
    const { names, offsets } = sampler.anchors()
    const whole = new Map([...sampled(bytes).names].map((name, at) => [name, sampled(bytes).offsets[at]]))
    expect([...offsets].filter((offset) => offset > 1000 && offset <= 100_000)).toEqual([])
    expect([...names].every((name, at) => whole.get(name) === offsets[at])).toBe(true)
  })

  test('are thinned out when they get too many, the same ones of both contents', () => {
    const few = createAnchorSampler(100)
    few.push(bytes)
    const all = new Set(sampled(bytes).names)
    const { names } = few.anchors()
    expect(names.length).toBeLessThanOrEqual(100)
    expect(names.length).toBeGreaterThan(30)
    expect([...names].every((name) => all.has(name))).toBe(true)
    const again = createAnchorSampler(100)
    again.push(joined(randomBytes(2, 777), bytes))
    const others = new Set(again.anchors().names)
    expect([...names].filter((name) => others.has(name)).length).toBeGreaterThan(20)
  })

  test.each([0, 1, 255])('of bytes that are all %i stay few enough', (value) => {
    const sampler = createAnchorSampler(50)
    sampler.push(new Uint8Array(200_000).fill(value))
    expect(sampler.anchors().names.length).toBeLessThanOrEqual(51)
  })
})

describe('regions by anchors', () => {
  /** Bytes in which no chunk of the base stays: every thousandth one is another. */
  const base = randomBytes(1, 600_000)
  const touched = base.map((byte, at) => (at % 1000 === 0 ? byte ^ 1 : byte))

  test.each<[string, Uint8Array, (offset: number) => number | undefined]>([
    ['stay where the bytes stayed', touched, (offset) => offset],
    ['follow what was put in front', joined(randomBytes(5, 150_000), touched), (offset) => offset - 150_000],
    [
      'follow what changed places',
      joined(touched.subarray(300_000), touched.subarray(0, 300_000)),
      (offset) => (offset < 300_000 ? offset + 300_000 : offset - 300_000),
    ],
    ['follow what was removed', touched.subarray(200_000), (offset) => offset + 200_000],
  ])('%s', (_name, next, placeOf) => {
    const planned = plan(base, next)
    expect(planned.length).toBeGreaterThan(0)
    let covered = 0
    for (let offset = 0; offset < next.length; offset += 500) {
      const stretch = planned.find((each) => each.offset <= offset && offset < each.offset + each.sizeBytes)
      const place = placeOf(offset) ?? 0
      if (stretch === undefined || place < 0) covered += 500
      else if (stretch.region !== null && within(stretch.region, place)) covered += 500
    }
    expect(covered / next.length).toBeGreaterThan(0.9)
    const read = planned.reduce((sum, stretch) => sum + (stretch.region?.length ?? 0), 0)
    expect(read).toBeLessThan(next.length * 1.6)
  })

  test('where nothing is shared they are guessed', () => {
    const next = randomBytes(9, 100_000)
    expect(plan(base, next).every((stretch) => stretch.region !== null)).toBe(true)
  })

  test('one region is not larger than a delta takes', () => {
    const wide = planDeltas(manifestOf(base), manifestOf(touched), anchorsOf(base, touched), { slackBytes: 2 ** 40 })
    expect(wide.every(({ region }) => region !== null && region.length <= LIMITS.deltaBaseBytes)).toBe(true)
  })
})

test('every new chunk is in one stretch, in order, whatever the anchors say', () => {
  const anyBytes = fc
    .array(fc.record({ seed: fc.nat(5), length: fc.nat(20_000) }), { maxLength: 5 })
    .map((parts) => joined(...parts.map(({ seed, length }) => randomBytes(seed, length))))
  fc.assert(
    fc.property(anyBytes, anyBytes, anyBytes, (one, other, third) => {
      const [base, next] = [manifestOf(one), manifestOf(other)]
      const held = new Set(base.map((chunk) => chunk.hash))
      const planned = planDeltas(base, next, anchorsOf(third, other), LIMITED)
      const told = planned.flatMap(({ first, count }) => next.slice(first, first + count).map((chunk) => chunk.hash))
      expect(told).toEqual([...new Set(next.map((chunk) => chunk.hash))].filter((hash) => !held.has(hash)))
      for (const { region, count, sizeBytes } of planned) {
        expect(count === 1 || sizeBytes <= LIMITED.maxBytes).toBe(true)
        expect(region === null || isIn(region, one.length)).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

function plan(base: Uint8Array, next: Uint8Array): readonly NewStretch[] {
  return planDeltas(manifestOf(base), manifestOf(next), anchorsOf(base, next), LIMITED)
}

function anchorsOf(base: Uint8Array, next: Uint8Array): { base: Anchors; next: Anchors } {
  return { base: sampled(base), next: sampled(next) }
}

function sampled(bytes: Uint8Array): Anchors {
  const sampler = createAnchorSampler()
  sampler.push(bytes)
  return sampler.anchors()
}

/** Names by the bytes, as SHA-256 would; long enough to tell a few hundred chunks apart. */
function manifestOf(bytes: Uint8Array): Manifest {
  let at = 0
  return chunkLengths(bytes, PROFILE).map((size) => {
    const name = [weakHash, strongHash].map((hash) => (hash(bytes, at, at + size) >>> 0).toString(16).padStart(8, '0'))
    at += size
    return { hash: ChunkIdSchema.parse(name.join('').padEnd(64, '0')), size }
  })
}

function isIn({ offset, length }: Region, baseBytes: number): boolean {
  return offset >= 0 && length > 0 && offset + length <= baseBytes
}

function within(region: { offset: number; length: number }, place: number): boolean {
  return region.offset <= place && place < region.offset + region.length
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function randomBytes(seed: number, length: number): Uint8Array {
  const outputs = splitmix64(BigInt(seed))
  const words = BigUint64Array.from({ length: Math.ceil(length / 8) }, () => outputs.next().value)
  return new Uint8Array(words.buffer, 0, length)
}
