import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let ash: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  ash = world.join('ash')
  birch = world.join('birch')
})
afterEach(() => world.close())

/** Both save the same bytes, and then ash saves others, which it sends after having heard of birch's save or before. */
async function saveAlikeAndEdit(how: 'hears' | 'deaf'): Promise<void> {
  ash.user.write('note.txt', 'old')
  await world.settle()
  ash.user.write('note.txt', 'one')
  birch.user.write('note.txt', 'one')
  await ash.cycle()
  await birch.cycle({ pull: false })
  ash.user.write('note.txt', 'two')
  await ash.cycle({ pull: how === 'hears' })
  await world.settle()
}

function texts(): readonly string[] {
  return Object.values(world.tree()).sort()
}

test('an edit of bytes that another node had saved as well replaces both saves, where the node has heard of the other', async () => {
  await saveAlikeAndEdit('hears')
  expect(texts()).toEqual(['two'])
})

test('a node that has not heard of the other save replaces only its own', async () => {
  await saveAlikeAndEdit('deaf')
  expect(texts()).toEqual(['one', 'two'])
})

test('a delete of the same bytes does not count as having seen the other save of them', async () => {
  ash.user.write('note.txt', 'old')
  await world.settle()
  ash.user.write('note.txt', 'one')
  birch.user.write('note.txt', 'one')
  await ash.cycle()
  await birch.cycle({ pull: false })
  ash.user.remove('note.txt')
  await world.settle()
  expect(texts()).toEqual(['one'])
})
