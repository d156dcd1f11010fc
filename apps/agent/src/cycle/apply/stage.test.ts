import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestNode, World } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
  atlas.user.write('large', LARGE)
  await world.settle()
  birch.traffic.down = 0
})

afterEach(() => world.close())

const LARGE = Array.from({ length: 30_000 }, (_, line) => `line ${line * 7919}`).join('\n')

test('a copy of a large file is made from the file that is here', async () => {
  atlas.user.write('copy', LARGE)
  await world.settle()
  expect(birch.text('copy')).toBe(LARGE)
  expect(birch.traffic.down).toBe(0)
})

test.each([
  ['deleted', () => atlas.user.remove('large')],
  ['overwritten', () => atlas.user.write('large', 'short now')],
])('even if that one was %s before the copy is placed', async (_what, leave) => {
  leave()
  await atlas.cycle()
  await atlas.cycle()
  atlas.user.write('copy', LARGE)
  for (let round = 0; round < 4; round++) await atlas.cycle()
  await world.settle()
  expect(birch.text('copy')).toBe(LARGE)
  expect(birch.text('large')).toBe(atlas.text('large'))
  expect(birch.traffic.down).toBeLessThan(100)
  expect(birch.disk.stagedCount()).toBe(0)
})

test('a small content that another file here holds is copied from it, as long as that is what it was', async () => {
  atlas.user.write('one.txt', 'the same')
  atlas.user.write('two.txt', 'other')
  await world.settle()
  atlas.user.write('copy-of-one.txt', 'the same')
  atlas.user.write('copy-of-two.txt', 'other')
  await atlas.cycle()
  // Nobody has told the node of this edit.
  birch.user.write('two.txt', 'OTHER')
  birch.traffic.down = 0
  await birch.cycle({ directories: [] })
  expect([birch.text('copy-of-one.txt'), birch.text('copy-of-two.txt')]).toEqual(['the same', 'other'])
  expect(birch.traffic.down).toBe('other'.length)
})
