import { expect, test } from 'vitest'
import type { ChunkRef } from '@causeway/protocol'
import { contentHashOf, sha256 } from '../test-support/memory-link.ts'
import { ChunkTable } from './chunk-table.ts'
import { createSketches } from './sketches.ts'

const first = contentHashOf(new Uint8Array([1]))
const second = contentHashOf(new Uint8Array([2]))

test('a content that shares most is named first, a stranger not at all', () => {
  const sketches = createSketches()
  sketches.add(first, table(0, 1000))
  sketches.add(second, table(1000, 2000))
  expect(sketches.similar(table(500, 1200))).toEqual([first, second])
  expect(sketches.similar(table(1900, 3000))).toEqual([second])
  expect(sketches.similar(table(2000, 3000))).toEqual([])
  expect([sketches.has(first), sketches.has(contentHashOf(new Uint8Array([3])))]).toEqual([true, false])
})

test('one shared chunk is enough for short lists, and too little for long ones, however often it repeats', () => {
  const sketches = createSketches()
  sketches.add(first, table(0, 3))
  expect(sketches.similar(table(2, 5))).toEqual([first])
  const zeros = Array.from({ length: 500 }, () => chunk(2))
  expect(sketches.similar(ChunkTable.of([...zeros, chunk(7)]))).toEqual([])
})

test('what is beyond its bounds is not found', () => {
  const sketches = createSketches(2)
  sketches.add(first, table(0, 3))
  sketches.add(second, table(10, 13))
  expect(sketches.similar(table(10, 13))).toEqual([])
})

function table(from: number, to: number): ChunkTable {
  return ChunkTable.of(Array.from({ length: to - from }, (_, index) => chunk(from + index)))
}

function chunk(seed: number): ChunkRef {
  return { hash: sha256(new Uint8Array([seed, seed >> 8])), size: 10 }
}
