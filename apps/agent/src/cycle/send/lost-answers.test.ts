import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SyncError } from '@causeway/protocol'
import { World, type TestNode, type Tree } from '../test-support/world.ts'

/** A commit takes effect and its answer never arrives: what the node does next must not rival what it did. */

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

async function expectEverywhere(tree: Tree): Promise<void> {
  await world.settle()
  expect(world.tree()).toEqual(tree)
  for (const node of world.nodes) expect(await node.tree(), `on ${node.id}`).toEqual(tree)
  expect(world.folder.events.filter(({ kind }) => kind === 'conflict')).toEqual([])
}

const LIVES = [
  ['goes on', async () => undefined],
  ['is started again', () => atlas.restart()],
] as const

describe.each(LIVES)('a node that %s', (_life, between) => {
  test('and saves the new file again makes no conflict', async () => {
    atlas.user.write('note.txt', 'one')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    atlas.user.write('note.txt', 'two')
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('and left the new file as it was makes no conflict', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    await expectEverywhere({ docs: '/', 'docs/note.txt': 'one' })
  })

  test('and edits again makes no conflict', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'two')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    atlas.user.write('note.txt', 'three')
    await expectEverywhere({ 'note.txt': 'three' })
  })

  test('and lost the answers to two edits in a row makes no conflict', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    for (const text of ['two', 'three']) {
      atlas.user.write('note.txt', text)
      atlas.loseNextAnswer()
      await atlas.brokenCycle()
      await between()
    }
    atlas.user.write('note.txt', 'four')
    await expectEverywhere({ 'note.txt': 'four' })
  })

  test('and renames again makes no conflict', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.rename('note.txt', 'a.txt')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    atlas.user.rename('a.txt', 'b.txt')
    await expectEverywhere({ 'b.txt': 'one' })
  })

  test('and renames the new directory makes no conflict', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    atlas.user.rename('docs', 'papers')
    await world.settle()
    expect(await birch.tree()).toEqual(await atlas.tree())
    // The coordinator knows both: the name it was told first, and what the node then had.
    expect(world.tree()).toMatchObject({ papers: '/', 'papers/note.txt': 'one' })
    expect(world.folder.events.filter(({ kind }) => kind === 'conflict')).toEqual([])
  })

  test('and deletes what it had edited makes the delete stand', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'two')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    atlas.user.remove('note.txt')
    await expectEverywhere({})
  })

  test('and had deleted makes the delete stand', async () => {
    atlas.user.write('docs/note.txt', 'one')
    await world.settle()
    atlas.user.remove('docs')
    await atlas.cycle()
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    await expectEverywhere({})
  })

  test('while another node edited makes that a conflict, and only that', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'by atlas')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await between()
    birch.user.write('note.txt', 'by birch')
    await world.settle()
    expect(Object.values(world.tree()).sort()).toEqual(['by atlas', 'by birch'])
    expect(await birch.tree()).toEqual(await atlas.tree())
  })
})

test('no counter is ever used for two events, whatever was lost in between', async () => {
  for (const text of ['one', 'two', 'three']) {
    atlas.user.write('note.txt', text)
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await atlas.restart()
  }
  await world.settle()
  const counters = atlas.sent.map(({ counter }) => counter)
  expect(new Set(counters).size).toBe(counters.length)
})

test('a file that gave way to a directory here and elsewhere leaves nothing behind, though the answer was lost', async () => {
  atlas.user.write('b', 'text')
  await world.settle()
  birch.user.remove('b')
  birch.user.mkdir('b')
  for (let cycle = 0; cycle < 3; cycle++) await birch.cycle()
  atlas.user.remove('b')
  atlas.user.mkdir('b')
  await atlas.cycle({ afterMs: 100 })
  atlas.loseNextAnswer()
  await atlas.brokenCycle()
  await world.settle()
  expect([...atlas.state.baseAll()].map(({ name, content }) => [name, content.kind])).toEqual([['b', 'directory']])
  expect(atlas.state.pending()).toEqual([])
})

test('a new directory beside one that was moved onto its name is kept once, though the answer was lost', async () => {
  birch.user.mkdir('other')
  await world.settle()
  birch.user.rename('other', 'b')
  await birch.cycle()
  atlas.user.mkdir('b')
  atlas.loseNextAnswer()
  await atlas.brokenCycle({ pull: false })
  await world.settle()
  expect(Object.values(world.tree())).toEqual(['/', '/'])
  for (const node of world.nodes) expect(await node.tree()).toEqual(world.tree())
})

test('what is saved over the rival after that was placed is sent, though a copy of this node holds the same', async () => {
  atlas.user.write('note.txt', 'one')
  await world.settle()
  birch.user.write('note.txt', 'by birch')
  await birch.cycle()
  atlas.user.write('note.txt', 'by atlas')
  atlas.loseNextAnswer()
  await atlas.brokenCycle()
  atlas.beforeDisk = ({ path }) => {
    if (path?.includes('conflict')) throw new SyncError('io-error', `${path} can't be written`)
  }
  await atlas.cycle()
  await atlas.cycle()
  expect(await atlas.tree()).toEqual({ 'note.txt': 'by birch' })
  atlas.user.write('note.txt', 'by atlas')
  await atlas.cycle()
  atlas.beforeDisk = () => undefined
  await world.settle()
  expect(Object.values(world.tree())).toEqual(['by atlas', 'by atlas'])
  for (const node of world.nodes) expect(await node.tree()).toEqual(world.tree())
})

test('a file in place of a directory, with a rival from elsewhere, is kept once, though the answer was lost', async () => {
  atlas.user.mkdir('b')
  await world.settle()
  for (const node of [birch, atlas]) {
    node.user.remove('b')
    node.user.write('b', `by ${node.id}`)
  }
  for (let cycle = 0; cycle < 3; cycle++) await birch.cycle({ afterMs: 400 })
  await atlas.cycle({ pull: false })
  atlas.loseNextAnswer()
  await atlas.brokenCycle({ pull: false })
  await world.settle()
  expect(Object.values(world.tree()).sort()).toEqual(['by atlas', 'by birch'])
  for (const node of world.nodes) expect(await node.tree()).toEqual(world.tree())
})
