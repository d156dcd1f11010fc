import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
  for (const name of ['a', 'b', 'sub/c', 'sub/d']) atlas.user.write(`from/${name}`, `text ${name}`)
  atlas.user.write('beside', 'text beside')
  await world.settle()
  atlas.sent.length = 0
  atlas.forgetCalls()
})

afterEach(() => world.close())

const listed = (): string[] => atlas.calls.filter(({ method }) => method === 'list').map(({ path }) => path)

test('the move of a directory is sent before anything below it is looked at, and that follows in the same cycle', async () => {
  atlas.user.rename('from', 'to')
  atlas.user.write('to/sub/c', 'edited')
  let listedBefore: string[] = []
  atlas.beforeCommit = ({ operations }) => {
    if (operations.some(({ kind }) => kind === 'move')) listedBefore = listed()
  }
  const report = await atlas.cycle()
  expect(listedBefore).toEqual([''])
  expect(listed().slice(1).sort()).toEqual(['to', 'to/sub'])
  expect(atlas.sent.map(({ kind }) => kind)).toEqual(['move', 'edit'])
  expect(report.rescan).toEqual([])
})

test('the look is still owed after a cycle that broke off', async () => {
  atlas.user.rename('from', 'to')
  atlas.user.write('to/sub/c', 'edited')
  atlas.loseNextAnswer()
  await atlas.brokenCycle()
  await atlas.cycle({ directories: [] })
  await atlas.cycle({ directories: [] })
  await world.settle()
  expect(world.tree()).toMatchObject({ 'to/sub/c': 'edited' })
})

test.each<[string, () => void, Record<string, string>, string[]]>([
  ['edited', () => atlas.user.write('to/sub/c', 'edited'), { 'to/sub/c': 'edited' }, ['move', 'edit']],
  ['removed', () => atlas.user.remove('to/sub/c'), {}, ['move', 'delete']],
  [
    'added',
    () => atlas.user.write('to/sub/new', 'new'),
    { 'to/sub/new': 'new', 'to/sub/c': 'text sub/c' },
    ['move', 'create'],
  ],
  ['renamed', () => atlas.user.rename('to/sub/c', 'to/e'), { 'to/e': 'text sub/c' }, ['move', 'move']],
  ['moved out', () => atlas.user.rename('to/sub/c', 'out'), { out: 'text sub/c' }, ['move', 'move']],
  ['moved out as a directory', () => atlas.user.rename('to/sub', 'out'), { 'out/c': 'text sub/c' }, ['move', 'move']],
  ['moved in', () => atlas.user.rename('beside', 'to/sub/in'), { 'to/sub/in': 'text beside' }, ['move', 'move']],
])('what was %s below it in the same instant is told as that', async (_what, act, expected, kinds) => {
  atlas.user.rename('from', 'to')
  act()
  await world.settle()
  expect(world.tree()).toMatchObject(expected)
  expect(atlas.sent.map(({ kind }) => kind)).toEqual(kinds)
  expect(await birch.tree()).toEqual(await atlas.tree())
})

test('a directory that takes the place of something deleted goes at once with all that was looked at', async () => {
  atlas.user.remove('beside')
  atlas.user.rename('from', 'beside')
  await world.settle()
  expect(Object.keys(world.tree()).sort()).toEqual([
    'beside',
    'beside/a',
    'beside/b',
    'beside/sub',
    'beside/sub/c',
    'beside/sub/d',
  ])
  expect(await birch.tree()).toEqual(await atlas.tree())
})

test('what is gone is deleted only after the moved directories were looked into, in the same cycle', async () => {
  atlas.user.rename('from', 'to')
  atlas.user.rename('beside', 'to/sub/in')
  atlas.user.remove('to/a')
  atlas.approveDeletes()
  await atlas.cycle()
  expect(atlas.sent.map(({ kind }) => kind)).toEqual(['move', 'move', 'delete'])
  expect(world.tree()).toMatchObject({ 'to/sub/in': 'text beside', 'to/b': 'text b' })
})
