import {
  decodeManifest,
  encodeManifest,
  ChunkIdSchema,
  LIMITS,
  type Manifest,
  type SplicePart,
} from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applySplice, spliceParts } from './splice.ts'

/** A chunk list told by small numbers: equal numbers are equal chunks. */
function list(...names: readonly number[]): Manifest {
  return listOf(names)
}

function listOf(names: readonly number[]): Manifest {
  return names.map((name) => ({
    hash: ChunkIdSchema.parse(name.toString(16).padStart(64, '0')),
    size: 1 + ((name * 7919) % LIMITS.chunkBytes),
  }))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

const told = (...names: readonly number[]) => encodeManifest(list(...names))
const anyList = fc.array(fc.nat(12), { maxLength: 40 }).map((names) => list(...names))

describe('parts', () => {
  test.each<[string, Manifest, Manifest, SplicePart[]]>([
    ['the same list is one copy', list(1, 2, 3), list(1, 2, 3), [[0, 3]]],
    ['the empty list has none', list(1, 2, 3), list(), []],
    ['without a base everything is told', list(), list(1, 2), [told(1, 2)]],
    ['one replaced chunk', list(1, 2, 3, 4), list(1, 2, 9, 4), [[0, 2], told(9), [3, 1]]],
    ['chunks put in front', list(1, 2), list(8, 9, 1, 2), [told(8, 9), [0, 2]]],
    ['chunks put at the end', list(1, 2), list(1, 2, 8), [[0, 2], told(8)]],
    [
      'a removed chunk',
      list(1, 2, 3, 4),
      list(1, 3, 4),
      [
        [0, 1],
        [2, 2],
      ],
    ],
    [
      'halves that changed places',
      list(1, 2, 3, 4),
      list(3, 4, 1, 2),
      [
        [2, 2],
        [0, 2],
      ],
    ],
    ['a repeated chunk goes on where the last copy ended', list(0, 1, 0, 2), list(1, 0, 2), [[1, 3]]],
    ['the longest repetition is found', list(0, 5, 0, 0, 0, 6), list(9, 0, 0, 0, 8), [told(9), [2, 3], told(8)]],
  ])('%s', (_name, base, next, parts) => {
    expect(spliceParts(base, next)).toEqual(parts)
  })

  test('a hole that grew between the same neighbours costs a few copies', () => {
    const base = list(1, ...Array<number>(1000).fill(0), 2)
    const next = list(1, ...Array<number>(4500).fill(0), 2)
    const parts = spliceParts(base, next)
    expect(parts.length).toBeLessThanOrEqual(7)
    expect(applySplice(base, parts)).toEqual(next)
  })

  test('one edit makes at most three parts, however often chunks around it are repeated', () => {
    fc.assert(
      fc.property(
        anyList,
        fc.nat(40),
        fc.nat(3),
        fc.array(fc.integer({ min: 100, max: 120 }), { maxLength: 3 }),
        (...args) => {
          const [base, at, removed, inserted] = args
          const next = [...base.slice(0, at), ...list(...inserted), ...base.slice(at + removed)]
          const parts = spliceParts(base, next)
          expect(parts.length).toBeLessThanOrEqual(3)
          expect(parts.filter((part) => part instanceof Uint8Array).length).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  test('what the base holds is never told in full', () => {
    fc.assert(
      fc.property(anyList, anyList, (base, next) => {
        const held = new Set(base.map((chunk) => chunk.hash))
        const inFull = spliceParts(base, next).flatMap((part) =>
          part instanceof Uint8Array ? decodeManifest(part) : [],
        )
        expect(inFull).toEqual(next.filter((chunk) => !held.has(chunk.hash)))
      }),
    )
  })

  test('applied to their base they make the list again', () => {
    fc.assert(
      fc.property(anyList, anyList, (base, next) => {
        expect(applySplice(base, spliceParts(base, next))).toEqual(next)
      }),
    )
  })

  test('lists of 300,000 chunks, nearly all of them the same, are spliced in one pass', () => {
    const zeros = Array<number>(100_000).fill(0)
    const base = listOf([...zeros, ...range(1, 100_001), ...zeros])
    const next = listOf([...zeros, ...range(1, 50_000), 500_000, ...range(50_001, 100_001), ...zeros, 0])
    const parts = spliceParts(base, next)
    expect(parts.length).toBeLessThanOrEqual(4)
    expect(applySplice(base, parts).length).toBe(next.length)
  })
})

describe('parts that do not fit', () => {
  test.each<[string, SplicePart]>([
    ['a copy from behind the base', [3, 1]],
    ['a copy over its end', [2, 2]],
    ['a copy from before it', [-1, 2]],
    ['a copy of nothing', [0, 0]],
    ['a copy of half a chunk', [0, 0.5]],
    ['a chunk that is cut short', new Uint8Array(35)],
    ['a chunk without a size', new Uint8Array(36)],
  ])('%s is refused', (_name, part) => {
    expect(() => applySplice(list(1, 2, 3), [part])).toThrow(RangeError)
  })

  test('a list that would be too long is refused before it is built', () => {
    const base = list(...range(0, 1000))
    const parts = Array.from({ length: LIMITS.chunksPerManifest / 1000 + 1 }, (): SplicePart => [0, 1000])
    expect(() => applySplice(base, parts)).toThrow(RangeError)
  })
})
