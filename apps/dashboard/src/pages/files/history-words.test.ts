import { EntryIdSchema, NodeIdSchema, type VersionView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { versionWords } from './history-words.ts'

const first: VersionView = {
  seq: 1,
  entry: EntryIdSchema.parse('n.1'),
  path: 'a/b.txt',
  registers: ['content', 'place', 'existence'],
  content: { kind: 'directory', mode: 0o755 },
  deleted: false,
  node: NodeIdSchema.parse('n'),
  counter: 1,
  at: '2026-11-22T12:00:00.000Z',
}

test.each([
  ['the first is a creation', {}, undefined, 'Created'],
  ['as nodes send it', { registers: ['content', 'place'] }, undefined, 'Created'],
  ['a place in the same directory is a rename', { registers: ['place'], path: 'a/c.txt' }, first, 'Renamed'],
  ['another directory is a move', { registers: ['place'], path: 'c/b.txt' }, first, 'Moved'],
  ['a delete is a delete', { registers: ['existence'], deleted: true }, first, 'Deleted'],
  ['back with another content', { registers: ['existence', 'content'] }, first, 'Restored and changed'],
  ['the oldest one kept is no creation', { registers: ['content'] }, undefined, 'Changed'],
  ['nor is one whose name alone is known', { registers: ['place'] }, undefined, 'Renamed or moved'],
  ['a place that is the same is nothing of note', { registers: ['place'] }, first, 'Noted'],
] as const)('%s', (_name, change: Change, before, words) => {
  expect(versionWords({ ...first, ...change, registers: [...(change.registers ?? first.registers)] }, before)).toBe(
    words,
  )
})

interface Change {
  readonly registers?: readonly VersionView['registers'][number][]
  readonly path?: string
  readonly deleted?: boolean
}
