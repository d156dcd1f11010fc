import { EntryIdSchema, type ChunkMap, type ChunkRun } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { describeRun, layPieces, rowsFor, runAt, summaryOf } from './chunk-model.ts'

const RUNS: readonly ChunkRun[] = [
  { offset: 0, size: 50, chunks: 1, source: 'reused', from: 0 },
  { offset: 50, size: 100, chunks: 2, source: 'edited', from: 60 },
  { offset: 150, size: 50, chunks: 1, source: 'new', from: null },
]

test('a run that does not fit its row goes on in the next one', () => {
  expect(layPieces(RUNS, 200, 2)).toEqual([
    { run: 0, row: 0, left: 0, width: 0.5 },
    { run: 1, row: 0, left: 0.5, width: 0.5 },
    { run: 1, row: 1, left: 0, width: 0.5 },
    { run: 2, row: 1, left: 0.5, width: 0.5 },
  ])
})

test.each([1, 3, 7, 24])('on %d rows every byte is drawn once', (rows) => {
  const pieces = layPieces(RUNS, 200, rows)
  expect(pieces.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(rows)
  for (const { left, width } of pieces) expect(left + width).toBeLessThan(1.0001)
})

test('a content without bytes has no pieces, and few chunks take one row', () => {
  expect(layPieces([], 0, 1)).toEqual([])
  expect([rowsFor(0), rowsFor(48), rowsFor(49), rowsFor(1e6)]).toEqual([1, 1, 2, 24])
})

test('a byte is found in its run', () => {
  expect([0, 49, 50, 149, 150, 999].map((offset) => runAt(RUNS, offset))).toEqual([0, 0, 1, 1, 2, 2])
})

test('a run is told with where it comes from', () => {
  expect(RUNS.map(describeRun)).toEqual([
    'Bytes 0 to 50, 50 B in 1 chunk. Reused: also in the previous version; was at 0.',
    'Bytes 50 to 150, 100 B in 2 chunks. Edited: new, replacing something else; replaces what began at 60.',
    'Bytes 150 to 200, 50 B in 1 chunk. New: nothing was there before.',
  ])
})

test('the map is told in one sentence', () => {
  expect(summaryOf(map(null))).toBe('200 B in 4 chunks, the first content of this file: all of it is new.')
  expect(summaryOf(map({ seq: 3, sizeBytes: 160, chunks: 3 }))).toBe(
    '200 B in 4 chunks, seen from version 3 of 160 B: 25.0 % reused (1 chunk, 50 B), 50.0 % edited (2 chunks, 100 B), 25.0 % new (1 chunk, 50 B).',
  )
})

function map(previous: ChunkMap['previous']): ChunkMap {
  const none = { chunks: 0, bytes: 0 }
  const totals = {
    reused: { chunks: 1, bytes: 50 },
    moved: none,
    edited: { chunks: 2, bytes: 100 },
    new: { chunks: 1, bytes: 50 },
    repeated: none,
  }
  const entry = EntryIdSchema.parse('ash-123456.1')
  return { seq: 9, entry, path: 'a', sizeBytes: 200, chunks: 4, previous, totals, runs: [...RUNS] }
}
