import { expect, test } from 'vitest'
import type { ChunkRef } from '@causeway/protocol'
import { contentHashOf, sha256 } from '../test-support/memory-link.ts'
import { ChunkTable } from './chunk-table.ts'
import { createSimilarityIndex } from './similarity-index.ts'

const first = contentHashOf(new Uint8Array([1]))
const second = contentHashOf(new Uint8Array([2]))

test('a content that shares most is named first, a stranger not at all', () => {
  const similarityIndex = createSimilarityIndex()
  similarityIndex.add(first, table(0, 1000))
  similarityIndex.add(second, table(1000, 2000))
  expect(similarityIndex.similar(table(500, 1200))).toEqual([first, second])
  expect(similarityIndex.similar(table(1900, 3000))).toEqual([second])
  expect(similarityIndex.similar(table(2000, 3000))).toEqual([])
  expect([similarityIndex.has(first), similarityIndex.has(contentHashOf(new Uint8Array([3])))]).toEqual([true, false])
})

test('one shared chunk is enough for short lists, and too little for long ones, however often it repeats', () => {
  const similarityIndex = createSimilarityIndex()
  similarityIndex.add(first, table(0, 3))
  expect(similarityIndex.similar(table(2, 5))).toEqual([first])
  const zeros = Array.from({ length: 500 }, () => chunk(2))
  expect(similarityIndex.similar(ChunkTable.of([...zeros, chunk(7)]))).toEqual([])
})

test('what is beyond its bounds is not found', () => {
  const similarityIndex = createSimilarityIndex(2)
  similarityIndex.add(first, table(0, 3))
  similarityIndex.add(second, table(10, 13))
  expect(similarityIndex.similar(table(10, 13))).toEqual([])
})

function table(from: number, to: number): ChunkTable {
  return ChunkTable.of(Array.from({ length: to - from }, (_, index) => chunk(from + index)))
}

function chunk(seed: number): ChunkRef {
  return { hash: sha256(new Uint8Array([seed, seed >> 8])), size: 10 }
}
