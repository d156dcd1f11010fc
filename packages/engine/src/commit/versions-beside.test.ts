import { MemoryFolder } from '@causeway/testkit'
import { NodeIdSchema, ROOT_ID, entryIdOf } from '@causeway/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { Author, stateAt, textOf } from './test-support/author.ts'

/*
 * A conflict copy is either another version of a file, and then it is that file
 * to whoever has not heard that they are apart, or it was only after the name.
 */

let folder: MemoryFolder
let atlas: Author
let birch: Author
let cedar: Author

beforeEach(() => {
  folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  atlas = new Author(folder, 'atlas')
  birch = new Author(folder, 'birch')
  cedar = new Author(folder, 'cedar')
})

function seeAll(): void {
  for (const author of [atlas, birch, cedar]) author.see()
}

function texts(): readonly string[] {
  return [...folder.paths().keys()].map((path) => textOf(folder, path) ?? '').sort()
}

describe('what was only after the name of a file', () => {
  const report = entryIdOf(NodeIdSchema.parse('atlas'), 1)
  const plan = entryIdOf(NodeIdSchema.parse('atlas'), 2)

  test('is not deleted with that file, though the deleting node knows both', () => {
    atlas.create('report', 'report')
    atlas.create('plan', 'plan')
    atlas.see()
    atlas.edit(report, 'report, longer')
    seeAll()
    atlas.move(report, ROOT_ID, 'final')
    cedar.see()
    expect(birch.move(plan, ROOT_ID, 'final').kind).toBe('conflict')
    cedar.delete(stateAt(folder, 'final').id)
    expect(texts()).toEqual(['plan'])
  })

  test('is not overwritten by an edit of that file', () => {
    atlas.create('report', 'report')
    atlas.create('plan', 'plan')
    atlas.see()
    atlas.edit(report, 'report, longer')
    seeAll()
    atlas.move(report, ROOT_ID, 'final')
    birch.move(plan, ROOT_ID, 'final')
    atlas.edit(report, 'report of atlas')
    cedar.edit(report, 'report of cedar')
    expect(texts()).toEqual(['plan', 'report of atlas', 'report of cedar'])
  })

  test('is not taken along when that file is moved, into itself least of all', () => {
    const directory = plan
    atlas.create('report', 'report')
    atlas.create('papers', null)
    seeAll()
    atlas.move(report, ROOT_ID, 'final')
    expect(birch.move(directory, ROOT_ID, 'final').kind).toBe('conflict')
    cedar.move(report, directory, 'report')
    const paths = [...folder.paths().keys()]
    expect(paths).toHaveLength(2)
    expect(paths).toContainEqual(expect.stringMatching(/^final \(conflict, birch, .*\)\/report$/))
  })
})
