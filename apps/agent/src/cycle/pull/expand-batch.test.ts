import type { ChangeBatch } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

const after = (node: TestNode): ChangeBatch =>
  world.folder.changes({ cursor: node.state.cursor(), limit: 4096 }, node.id)

describe('a tree that was deleted elsewhere', () => {
  async function deleteTree(): Promise<void> {
    for (let index = 0; index < 30; index++) atlas.user.write(`tree/${index}`, `text ${index}`)
    for (let index = 0; index < 60; index++) atlas.user.write(`kept/${index}`, `kept ${index}`)
    await world.settle()
    atlas.user.remove('tree')
    for (let cycle = 0; cycle < 3; cycle++) await atlas.cycle()
  }

  test('is named in a few numbers, and goes here with all below', async () => {
    await deleteTree()
    const batch = after(birch)
    expect(batch.states).toEqual([])
    expect(batch.removals?.runs.length).toBeLessThanOrEqual(14)
    birch.pushed(batch)
    await birch.cycle({ pull: false })
    expect([...birch.user.names('')]).toEqual(['kept'])
    expect(birch.state.cursor()).toEqual(batch.cursor)
  })

  test('is asked for in full where this node holds something else, and what it has not seen lives on', async () => {
    await deleteTree()
    birch.user.write('tree/7', 'edited')
    // The edit takes effect, and is known here, before the delete is told.
    await birch.cycle({ pull: false })
    const batch = after(birch)
    birch.pushed({ ...batch, cursor: batch.cursor })
    await world.settle()
    expect(world.tree()['tree/7']).toBe('edited')
    expect(await birch.tree()).toEqual(await atlas.tree())
    expect(await birch.tree()).toEqual(world.tree())
  })

  test('deletes nothing that a run does not name', async () => {
    await deleteTree()
    const batch = after(birch)
    const [node = 0, first = 0, count = 0, ...rest] = batch.removals?.runs ?? []
    const forged = { ...batch, removals: { ...batch.removals!, runs: [node, first, count - 1, ...rest] } }
    birch.pushed(forged)
    expect(birch.state.pendingCount()).toBe(0)
    expect(birch.memory.pull.log.reading).toEqual({ kind: 'behind', full: true })
    await birch.cycle({ pull: false })
    expect([...birch.user.names('')]).toEqual(['kept'])
  })
})

describe('an event of this node’s own', () => {
  test('is named only, and nothing is left to do', async () => {
    atlas.user.write('note', 'one')
    await atlas.cycle({ pull: false })
    const batch = after(atlas)
    expect(batch).toMatchObject({ states: [], echoes: { created: [1, 1, 1] } })
    atlas.pushed(batch)
    expect(atlas.state.cursor()).toEqual(batch.cursor)
    expect(atlas.state.pendingCount()).toBe(0)
    expect(atlas.memory.pull.log.reading).toEqual({ kind: 'live' })
  })

  test('whose answer was lost is asked for in full, and taken for what it is', async () => {
    atlas.user.write('note', 'one')
    await world.settle()
    for (const text of ['two', 'three']) {
      atlas.user.write('note', text)
      atlas.loseNextAnswer()
      await atlas.brokenCycle()
      atlas.pushed(after(atlas))
      expect(atlas.memory.pull.log.reading).toEqual({ kind: 'behind', full: true })
      await world.settle()
      expect(world.tree()).toEqual({ note: text })
    }
    expect(await birch.tree()).toEqual({ note: 'three' })
    expect(await atlas.tree()).toEqual({ note: 'three' })
  })

  test('that a later one has overtaken already is old', async () => {
    atlas.user.write('note', 'one')
    await atlas.cycle({ pull: false })
    const first = after(atlas)
    atlas.user.write('note', 'two')
    await atlas.cycle({ pull: false })
    atlas.pushed(first)
    atlas.pushed(after(atlas))
    expect(atlas.state.pendingCount()).toBe(0)
    await atlas.cycle({ pull: false })
    expect(atlas.memory.pull.log.reading).toEqual({ kind: 'live' })
    expect(atlas.sent.map(({ kind }) => kind)).toEqual(['create', 'edit'])
  })
})

test('an entry whose directory became another one while it was sent is moved there, though its event is its own', async () => {
  birch.user.mkdir('dir')
  await world.settle()
  // Everywhere else the directory falls, and a new one takes its name, before what is put into it here is sent.
  birch.user.remove('dir')
  for (let cycle = 0; cycle < 2; cycle++) await birch.cycle()
  birch.user.mkdir('dir')
  await birch.cycle()
  atlas.user.mkdir('dir/sub')
  await atlas.cycle({ pull: false })
  const sub = [...atlas.state.baseAll()].find(({ name }) => name === 'sub')
  expect(sub === undefined ? undefined : atlas.state.pendingOf(sub.id)).toMatchObject({ name: 'sub' })
  atlas.pushed(after(atlas))
  await world.settle()
  expect(atlas.state.pending()).toEqual([])
  expect(Object.keys(await atlas.tree()).sort()).toEqual(['dir', 'dir/sub'])
})

test('more entries than a batch may name are refused before any is looked at', async () => {
  await atlas.cycle()
  const batch = { ...after(atlas), echoes: { created: [1, 1, 2_000_000], known: [] } }
  expect(() => atlas.pushed(batch)).toThrow(/names more than/)
})
