import { MemoryFolder } from '@causeway/testkit'
import { LIMITS, onlyChunkOf, ROOT_ID, entryIdOf, type EntryState } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { savesOf, touchesOf } from './saves.ts'
import { Author, stateAt } from './test-support/author.ts'
import { fileOf, hashOfText } from './test-support/contents.ts'

const EDITS = 1000

function held(folder: MemoryFolder): EntryState {
  return stateAt(folder, 'note')
}

test('1,000 edits and touches of one file by three nodes leave no more behind in it than a few do', () => {
  const folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  const authors = ['atlas', 'birch', 'cedar'].map((name) => new Author(folder, name))
  authors[0]?.create('note', 'one', ROOT_ID)
  const texts = ['one', 'two']
  folder.upload(texts.map((text) => ({ hash: onlyChunkOf(hashOfText(text)), bytes: new TextEncoder().encode(text) })))
  for (let turn = 0; turn < EDITS; turn++) {
    const author = authors[turn % authors.length]
    if (author === undefined) continue
    const { id, content, contentVector: basedOn } = held(folder)
    if (turn % 7 !== 0) author.see()
    author.counter += 1
    const next = turn % 5 === 0 ? fileOf('two') : fileOf('one', { mode: 0o600 + (turn % 8), mtimeNs: String(turn) })
    // Now and then a node has heard of nothing since the file was made.
    const isDeaf = turn % 7 === 0
    folder.commit(
      { id: author.id, name: author.id, access: 'read-write' },
      {
        clock: isDeaf ? { atlas: 1 } : author.clock,
        operations: [
          {
            kind: 'edit',
            counter: author.counter,
            entry: id,
            basedOn: isDeaf ? { atlas: 1 } : basedOn,
            basedOnHash: content.kind === 'file' ? content.hash : '',
            content: next,
          },
        ],
        contents: [],
        manifests: [],
        approved: true,
      },
    )
  }
  const state = held(folder)
  expect(savesOf(state).length).toBeLessThanOrEqual(authors.length)
  expect(touchesOf(state).length).toBe(LIMITS.touchesPerEntry)
  expect(JSON.stringify(state).length).toBeLessThan(4000)
})

test('saves of the same bytes beyond the limit count as one that only who had seen all of them has seen', () => {
  const folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  const names = Array.from({ length: LIMITS.savesPerEntry + 10 }, (_, index) => `node-${index}`)
  for (const name of names) new Author(folder, name).create('note', 'one', ROOT_ID)
  expect(savesOf(held(folder))).toHaveLength(LIMITS.savesPerEntry)
  const first = new Author(folder, names[0] ?? '')
  first.counter = 1
  first.see()
  expect(held(folder).id).toBe(entryIdOf(first.id, 1))
  for (const name of names) expect(held(folder).contentVector).toHaveProperty(name)
})
