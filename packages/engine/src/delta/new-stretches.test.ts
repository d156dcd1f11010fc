import { ChunkIdSchema, LIMITS, type Manifest } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newStretches, sharingRegion, type Region } from './new-stretches.ts'

const NO_SLACK = { slackBytes: 0 }

/** Chunks told by a name and a size: equal names are equal chunks. */
function list(...chunks: readonly (readonly [name: number, size: number])[]): Manifest {
  return chunks.map(([name, size]) => ({ hash: ChunkIdSchema.parse(name.toString(16).padStart(64, '0')), size }))
}

const anyList = fc
  .array(fc.nat(15), { maxLength: 30 })
  .map((names) => list(...names.map((name) => [name, 1 + ((name * 7919) % 5000)] as const)))

describe('regions', () => {
  const base = list([1, 100], [2, 200], [3, 300], [4, 400])

  test.each<[string, Manifest, { offset: number; length: number } | null]>([
    [
      'a replaced chunk replaces what it stands for',
      list([1, 100], [9, 210], [3, 300], [4, 400]),
      { offset: 100, length: 200 },
    ],
    ['the first one', list([9, 10], [2, 200], [3, 300], [4, 400]), { offset: 0, length: 100 }],
    ['the last one', list([1, 100], [2, 200], [3, 300], [9, 500]), { offset: 600, length: 400 }],
    ['two chunks become one', list([1, 100], [9, 480], [4, 400]), { offset: 100, length: 500 }],
    ['a chunk put between others replaces nothing', list([1, 100], [9, 50], [2, 200], [3, 300], [4, 400]), null],
    ['nothing stayed', list([9, 1000]), { offset: 0, length: 1000 }],
    [
      'behind a run that was moved forward stands what followed it',
      list([3, 300], [9, 50], [1, 100]),
      { offset: 600, length: 50 },
    ],
  ])('%s', (_name, next, region) => {
    expect(newStretches(base, next, NO_SLACK).map((stretch) => stretch.region)).toEqual([region])
  })

  test('slack widens both sides, within the base', () => {
    const next = list([1, 100], [2, 200], [9, 300], [4, 400])
    expect(newStretches(base, next, { slackBytes: 350 })[0]?.region).toEqual({ offset: 0, length: 950 })
    expect(newStretches(base, next)[0]?.region).toEqual({ offset: 0, length: 1000 })
  })

  test('without a base there is none', () => {
    expect(newStretches([], list([9, 10]))).toEqual([{ first: 0, count: 1, sizeBytes: 10, offset: 0, region: null }])
  })

  test('what was split off a long stretch gets its share', () => {
    const old = list([1, 1000], [2, 1000], [3, 1000], [4, 1000])
    const next = list([11, 1000], [12, 1000], [13, 1000], [14, 1000])
    const regions = newStretches(old, next, { slackBytes: 0, maxBytes: 2000 }).map((stretch) => stretch.region)
    expect(regions).toEqual([
      { offset: 0, length: 2000 },
      { offset: 2000, length: 2000 },
    ])
  })
})

describe('one region for all', () => {
  const old = list([1, 1000], [2, 1000], [3, 1000], [4, 1000])

  test('is the whole base where nearly all of it is asked for', () => {
    const next = list([9, 900], [2, 1000], [8, 900], [7, 1200])
    const shared = sharingRegion(newStretches(old, next, NO_SLACK), 4000)
    expect(shared.map(({ first }) => first)).toEqual([0, 2])
    expect(new Set(shared.map(({ region }) => region)).size).toBe(1)
    expect(shared[0]?.region).toEqual({ offset: 0, length: 4000 })
  })

  test('is not made where little of it is', () => {
    const stretches = newStretches(old, list([1, 1000], [9, 900], [3, 1000], [4, 1000]), NO_SLACK)
    expect(sharingRegion(stretches, 4000)).toBe(stretches)
  })

  test('is not made of more than a delta takes', () => {
    const region = { offset: 0, length: 2 ** 40 }
    const stretches = newStretches(old, list([9, 1])).map((stretch) => ({ ...stretch, region }))
    expect(sharingRegion(stretches, LIMITS.deltaBaseBytes + 1)).toBe(stretches)
  })
})

test('a new chunk that comes several times is in one stretch only', () => {
  const next = list([8, 10], [0, 50], [0, 50], [0, 50], [9, 10], [8, 10])
  expect(newStretches([], next).map(({ first, count }) => [first, count])).toEqual([
    [0, 2],
    [4, 1],
  ])
})

test('every new chunk is in one stretch, in order, and no other chunk is', () => {
  fc.assert(
    fc.property(
      anyList,
      anyList,
      fc.integer({ min: 1, max: 9000 }),
      fc.nat(3000),
      (base, next, maxBytes, slackBytes) => {
        const held = new Set(base.map((chunk) => chunk.hash))
        const stretches = newStretches(base, next, { maxBytes, slackBytes })
        const told = stretches.flatMap(({ first, count }) =>
          next.slice(first, first + count).map((chunk) => chunk.hash),
        )
        expect(told).toEqual([...new Set(next.map((chunk) => chunk.hash))].filter((hash) => !held.has(hash)))
      },
    ),
  )
})

test('sizes, offsets and regions fit', () => {
  fc.assert(
    fc.property(
      anyList,
      anyList,
      fc.integer({ min: 1, max: 9000 }),
      fc.nat(3000),
      (base, next, maxBytes, slackBytes) => {
        const baseBytes = sizeOf(base)
        for (const { first, count, offset, sizeBytes, region } of newStretches(base, next, { maxBytes, slackBytes })) {
          expect(offset).toBe(sizeOf(next.slice(0, first)))
          expect(sizeBytes).toBe(sizeOf(next.slice(first, first + count)))
          expect(count === 1 || sizeBytes <= maxBytes).toBe(true)
          expect(region === null || isIn(region, baseBytes)).toBe(true)
        }
      },
    ),
  )
})

function isIn({ offset, length }: Region, baseBytes: number): boolean {
  return offset >= 0 && length > 0 && length <= LIMITS.deltaBaseBytes && offset + length <= baseBytes
}

function sizeOf(list: Manifest): number {
  return list.reduce((sum, chunk) => sum + chunk.size, 0)
}
