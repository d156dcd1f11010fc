import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutTree } from './cut-tree.ts'
import { generatedFiles } from './generated.ts'

const file = (path: string) => ({ path, bytes: Buffer.from(path) })

test('directories count, come before what they hold, and come once', () => {
  const steps = cutTree([file('a/b/1'), file('a/2'), file('c/3')], 5)
  expect(steps.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'directory a',
    'directory a/b',
    'file a/b/1',
    'file a/2',
    // One more entry would not hold a directory and its file.
  ])
})

test('the last entries are files that need no further directory', () => {
  const steps = cutTree([file('a/1'), file('b/2'), file('a/3')], 3)
  expect(steps.map(({ path }) => path)).toEqual(['a', 'a/1', 'a/3'])
})

test('of a long list, the tree has exactly as many entries as wanted', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 400 }), (entries) => {
      const steps = cutTree(generatedFiles(3), entries)
      expect(steps).toHaveLength(entries)
      expect(new Set(steps.map(({ path }) => path)).size).toBe(entries)
    }),
    { numRuns: 20 },
  )
})
