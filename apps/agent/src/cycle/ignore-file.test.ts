import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from './test-support/world.ts'

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

test('a rule that makes no sense is told', async () => {
  atlas.user.write('.causewayignore', '[\n*.log\n')
  atlas.user.write('a.log', 'x')
  const report = await atlas.cycle()
  expect(report.problems).toMatchObject([{ path: '.causewayignore', code: 'bad-pattern' }])
  expect(Object.keys(world.tree())).toEqual(['.causewayignore'])
})
