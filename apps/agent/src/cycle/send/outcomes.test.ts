import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
  atlas.user.write('note.txt', 'one')
  await world.settle()
})

afterEach(() => world.close())

test('an edit that was accepted is not undone by the rename that was waiting for it', async () => {
  birch.user.rename('note.txt', 'plan.txt')
  await birch.cycle()
  atlas.user.write('note.txt', 'two')
  // The scan of this cycle has not looked there: the rename is known, and waits for the edit.
  await atlas.cycle({ directories: [] })
  expect(atlas.state.pendingCount()).toBe(1)
  await atlas.cycle({ pull: false })
  expect(await atlas.tree()).toEqual({ 'plan.txt': 'two' })
})

test('nor is a rename by the edit that was waiting for it', async () => {
  birch.user.write('note.txt', 'two')
  await birch.cycle()
  atlas.user.rename('note.txt', 'plan.txt')
  await atlas.cycle({ directories: [] })
  expect(atlas.state.pendingCount()).toBe(1)
  await atlas.cycle({ pull: false })
  expect(await atlas.tree()).toEqual({ 'plan.txt': 'two' })
})

test('a save is not lost if the coordinator is set back right after it accepted it', async () => {
  birch.user.rename('note.txt', 'plan.txt')
  await birch.cycle()
  const backup = world.folder.save()
  atlas.user.write('note.txt', 'two')
  await atlas.cycle({ directories: [] })
  await atlas.cycle({ pull: false })
  world.folder.restore(backup)
  await world.settle()
  expect(world.tree()).toEqual({ 'plan.txt': 'two' })
  for (const node of world.nodes) expect(await node.tree()).toEqual({ 'plan.txt': 'two' })
})
