import { createHash } from 'node:crypto'
import { ChunkIdSchema, type ChunkRun, type Manifest } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkRuns } from './chunk-map.ts'
import { drawnTogether } from './chunk-runs.ts'
import { heaviestIncreasing } from './heaviest-increasing-subsequence.ts'

// A letter is a chunk of 100 bytes.
test.each([
  ['a first content is all new', '', 'abc', 'nnn'],
  ['nothing changed', 'abc', 'abc', 'rrr'],
  ['a chunk was edited', 'abc', 'axc', 'rer'],
  ['something was put in between', 'abc', 'abxc', 'rrnr'],
  ['something was added at the end', 'abc', 'abcx', 'rrrn'],
  ['the end went to the front', 'abcd', 'dabc', 'mrrr'],
  ['a chunk was copied', 'abcd', 'abcda', 'rrrrm'],
  ['a new chunk comes twice', 'ab', 'axxb', 'rn·r'],
  ['all of it is another content', 'ab', 'xy', 'ee'],
])('%s', (_name, previous, next, sources) => {
  expect(chunkRuns(list(previous), list(next)).map(letterOf).join('')).toBe(sources)
})

test('what is reused, moved or edited says from where', () => {
  const runs = chunkRuns(list('abcde'), list('adbcx'))
  expect(runs.map(({ source, from }) => [source, from])).toEqual([
    ['reused', 0],
    ['moved', 300],
    ['reused', 100],
    ['reused', 200],
    ['edited', 300],
  ])
  expect(chunkRuns(list('abc'), list('axc'))[1]).toMatchObject({ source: 'edited', from: 100, offset: 100, size: 100 })
})

test('of runs that changed places the lighter ones count as moved', () => {
  const heavy = { from: 0, to: 5, count: 5, bytes: 500 }
  const light = { from: 5, to: 0, count: 5, bytes: 100 }
  expect([...heaviestIncreasing([light, heavy])]).toEqual([heavy])
})

test('runs cover the content without gaps, in any number, and in all as many chunks', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), maxLength: 60 })
  fc.assert(
    fc.property(letters, letters, fc.integer({ min: 1, max: 20 }), (previous, next, most) => {
      const runs = drawnTogether(chunkRuns(list(previous), list(next)), most)
      expect(runs.length).toBeLessThanOrEqual(Math.max(most, 1) + 1)
      let end = 0
      for (const { offset, size } of runs) {
        expect(offset).toBe(end)
        end += size
      }
      expect(end).toBe(next.length * 100)
      expect(runs.reduce((sum, { chunks }) => sum + chunks, 0)).toBe(next.length)
    }),
  )
})

test('neighbours that go on from each other are drawn together before others are', () => {
  const runs = chunkRuns(list('abcdef'), list('abxdef'))
  expect(drawnTogether(runs, 3)).toMatchObject([
    { offset: 0, size: 200, chunks: 2, source: 'reused', from: 0 },
    { offset: 200, size: 100, source: 'edited', from: 200 },
    { offset: 300, size: 300, chunks: 3, source: 'reused', from: 300 },
  ])
  expect(drawnTogether(runs, 1).map(({ source }) => source)).toEqual(['mixed'])
})

function list(letters: string): Manifest {
  return letters.split('').map((letter) => {
    return { hash: ChunkIdSchema.parse(createHash('sha256').update(letter).digest('hex')), size: 100 }
  })
}

function letterOf({ source }: ChunkRun): string {
  return source === 'repeated' ? '·' : (source[0] ?? '')
}
