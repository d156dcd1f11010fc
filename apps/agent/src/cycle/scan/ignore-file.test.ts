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

test('what the rules name is not sent; the rules themselves are', async () => {
  atlas.user.write('.causewayignore', '*.log\nbuild/\n')
  atlas.user.write('a.log', 'x')
  atlas.user.write('build/out', 'x')
  atlas.user.write('kept', 'x')
  await world.settle()
  expect(Object.keys(world.tree()).sort()).toEqual(['.causewayignore', 'kept'])
})

test('what an operating system litters is left out without being asked', async () => {
  atlas.user.write('.DS_Store', 'x')
  atlas.user.write('docs/Thumbs.db', 'x')
  await world.settle()
  expect(world.tree()).toEqual({})
})

test('a directory that holds only ignored things is not made elsewhere; an empty one is', async () => {
  atlas.user.write('.causewayignore', '*.log\n')
  atlas.user.write('logs/a.log', 'x')
  atlas.user.mkdir('empty')
  await world.settle()
  expect(await birch.tree()).toEqual({ '.causewayignore': '*.log\n', empty: '/' })
})

test('new rules hold in the cycle that finds them, and ask for a look at everything', async () => {
  atlas.user.write('.causewayignore', '*.log\n')
  atlas.user.write('a.log', 'x')
  expect((await atlas.cycle()).ignoreRulesChanged).toBe(true)
  expect((await atlas.cycle()).ignoreRulesChanged).toBe(false)
  expect(Object.keys(world.tree())).toEqual(['.causewayignore'])
  atlas.user.write('.causewayignore', '')
  expect((await atlas.cycle()).ignoreRulesChanged).toBe(true)
  expect(Object.keys(world.tree()).sort()).toEqual(['.causewayignore', 'a.log'])
  atlas.user.remove('.causewayignore')
  expect((await atlas.cycle()).ignoreRulesChanged).toBe(true)
})

test('rules that arrive from elsewhere ask for a look at everything', async () => {
  await birch.cycle()
  atlas.user.write('.causewayignore', '*.log\n')
  await atlas.cycle()
  expect((await birch.cycle()).ignoreRulesChanged).toBe(true)
  birch.user.write('b.log', 'x')
  await birch.cycle()
  expect(Object.keys(world.tree())).toEqual(['.causewayignore'])
})

test('what was synced and is ignored from now on is deleted nowhere', async () => {
  atlas.user.write('a.log', 'x')
  atlas.user.write('build/out', 'x')
  await world.settle()
  atlas.user.write('.causewayignore', '*.log\nbuild/\n')
  await world.settle()
  expect(await birch.tree()).toMatchObject({ 'a.log': 'x', 'build/out': 'x' })
  // Nor when it then goes from one disk: the rules say that it is nobody's business.
  atlas.user.remove('a.log')
  await world.settle()
  expect(birch.text('a.log')).toBe('x')
})

describe('a pattern that is taken away', () => {
  beforeEach(async () => {
    atlas.user.write('other/one', 'one')
    atlas.user.write('other/deep/two', 'two')
    atlas.user.write('rest', 'rest')
    await world.settle()
    atlas.user.write('.causewayignore', '/other/\n')
    await world.settle()
  })

  const WHOLE = { other: '/', 'other/one': 'one', 'other/deep': '/', 'other/deep/two': 'two', rest: 'rest' }
  const takeAway = async (node: TestNode): Promise<void> => {
    node.user.write('.causewayignore', '')
    await world.settle()
  }

  test('deletes nothing elsewhere: what was removed meanwhile comes back', async () => {
    atlas.user.remove('other')
    await world.settle()
    await takeAway(atlas)
    for (const node of world.nodes) expect(await node.tree()).toMatchObject(WHOLE)
  })

  test('does the same when it is taken away elsewhere', async () => {
    atlas.user.remove('other/deep')
    await world.settle()
    await takeAway(birch)
    for (const node of world.nodes) expect(await node.tree()).toMatchObject(WHOLE)
  })

  test('does the same when that happens while the node is not running', async () => {
    atlas.user.remove('other')
    await world.settle()
    atlas.user.remove('.causewayignore')
    await atlas.restart()
    await world.settle()
    for (const node of world.nodes) expect(await node.tree()).toMatchObject(WHOLE)
  })

  test('sends what was edited and added meanwhile, and deletes made afterwards', async () => {
    atlas.user.write('other/one', 'edited')
    atlas.user.write('other/new', 'new')
    atlas.user.remove('other/deep')
    await world.settle()
    await takeAway(atlas)
    expect(await birch.tree()).toMatchObject({ ...WHOLE, 'other/one': 'edited', 'other/new': 'new' })
    atlas.user.remove('other/deep')
    await world.settle()
    expect(Object.keys(await birch.tree())).not.toContain('other/deep')
  })

  test('keeps both where something of another kind stands there now', async () => {
    atlas.user.remove('other')
    atlas.user.write('other', 'a file now')
    await world.settle()
    await takeAway(atlas)
    expect(await birch.tree()).toMatchObject({ 'other/one': 'one', 'other/deep/two': 'two' })
    expect(Object.values(await birch.tree())).toContain('a file now')
    expect(await atlas.tree()).toEqual(await birch.tree())
  })

  test('leaves gone what was deleted elsewhere, on both', async () => {
    atlas.user.remove('other')
    await world.settle()
    birch.user.write('.causewayignore', '')
    await birch.cycle()
    birch.user.remove('other')
    await world.settle()
    for (const node of world.nodes) expect(Object.keys(await node.tree())).not.toContain('other/one')
  })
})

test('a rule that makes no sense is told, for as long as it stands', async () => {
  atlas.user.write('.causewayignore', '[\n*.log\n')
  atlas.user.write('a.log', 'x')
  const report = await atlas.cycle()
  expect(report.problems).toMatchObject([{ path: '.causewayignore', code: 'bad-pattern' }])
  expect((await atlas.cycle()).problems).toEqual(report.problems)
  expect(Object.keys(world.tree())).toEqual(['.causewayignore'])
})
