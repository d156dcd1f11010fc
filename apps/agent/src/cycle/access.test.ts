import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World, type TestNode } from './test-support/world.ts'

let world: World
let atlas: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
})

afterEach(() => world.close())

describe('a node that only receives', () => {
  let birch: TestNode

  beforeEach(async () => {
    birch = world.join('birch', 'receive-only')
    atlas.user.write('docs/note.txt', 'one')
    await world.settle()
  })

  test('gets everything', async () => {
    expect(await birch.tree()).toEqual({ docs: '/', 'docs/note.txt': 'one' })
  })

  test('keeps an edit of its own aside, sends nothing, and takes the folder’s version back', async () => {
    birch.user.write('docs/note.txt', 'mine')
    const report = await birch.cycle()
    expect(report.problems).toMatchObject([{ path: 'docs/note.txt', code: 'receive-only' }])
    await birch.cycle()
    const tree = await birch.tree()
    expect(tree['docs/note.txt']).toBe('one')
    expect(Object.values(tree).sort()).toEqual(['/', 'mine', 'one'])
    expect(birch.sent).toEqual([])
    expect(world.tree()).toEqual({ docs: '/', 'docs/note.txt': 'one' })
  })

  test('takes a newer version, and keeps its own edit aside', async () => {
    birch.user.write('docs/note.txt', 'mine')
    atlas.user.write('docs/note.txt', 'two')
    await atlas.cycle()
    for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
    const tree = await birch.tree()
    expect(tree['docs/note.txt']).toBe('two')
    expect(Object.values(tree).sort()).toEqual(['/', 'mine', 'two'])
  })

  test.each([
    ['deleted', () => birch.user.remove('docs/note.txt')],
    ['deleted with its directory', () => birch.user.remove('docs')],
  ])('brings back what was %s', async (_how, change) => {
    change()
    for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
    expect(await birch.tree()).toEqual({ docs: '/', 'docs/note.txt': 'one' })
    expect(birch.sent).toEqual([])
  })

  test('brings back what was moved away, and leaves the moved one', async () => {
    birch.user.rename('docs/note.txt', 'mine.txt')
    for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
    expect(await birch.tree()).toEqual({ docs: '/', 'docs/note.txt': 'one', 'mine.txt': 'one' })
  })

  test('leaves a file of its own alone, until the folder wants the name', async () => {
    birch.user.write('plan.txt', 'mine')
    await birch.cycle()
    expect(await birch.tree()).toMatchObject({ 'plan.txt': 'mine' })
    atlas.user.write('plan.txt', 'theirs')
    await atlas.cycle()
    for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
    const tree = await birch.tree()
    expect(tree['plan.txt']).toBe('theirs')
    expect(Object.values(tree)).toContain('mine')
    expect(birch.sent).toEqual([])
  })

  test('deletes only what the folder deleted', async () => {
    birch.user.write('docs/own.txt', 'mine')
    atlas.user.remove('docs')
    await atlas.cycle()
    await atlas.cycle()
    for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
    expect(await birch.tree()).toEqual({ docs: '/', 'docs/own.txt': 'mine' })
  })
})

describe('a node that only sends', () => {
  let birch: TestNode

  beforeEach(() => {
    birch = world.join('birch', 'send-only')
  })

  test('sends what it has and places nothing', async () => {
    atlas.user.write('from-atlas', '1')
    await atlas.cycle()
    birch.user.write('from-birch', '2')
    await world.settle()
    expect(world.tree()).toEqual({ 'from-atlas': '1', 'from-birch': '2' })
    expect(await atlas.tree()).toEqual({ 'from-atlas': '1', 'from-birch': '2' })
    expect(await birch.tree()).toEqual({ 'from-birch': '2' })
  })

  test('deletes nothing of its own because it was deleted elsewhere', async () => {
    birch.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.remove('note.txt')
    await world.settle()
    expect(await birch.tree()).toEqual({ 'note.txt': 'one' })
  })
})
