import { afterEach, beforeEach, expect, test } from 'vitest'
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

/** Atlas holds an ignored `project/target/c` in a directory that birch has deleted. */
async function withLeftover(): Promise<void> {
  atlas.user.write('.causewayignore', 'target/\n')
  atlas.user.write('other', 'other')
  atlas.user.write('project/s', 's')
  atlas.user.write('project/deep/s', 's')
  await world.settle()
  atlas.user.write('project/target/c', 'c')
  atlas.user.write('project/deep/target/c', 'c')
  await world.settle()
  birch.user.remove('project')
  await inStep()
}

/** Some cycles of all nodes: more than anything needs that can be done. */
async function inStep(): Promise<void> {
  for (let round = 0; round < 6; round++) for (const node of world.nodes) await node.cycle()
}

test('a directory that was deleted elsewhere and holds something ignored stays, with the reason and what to do', async () => {
  await withLeftover()
  const report = await atlas.cycle()
  expect(await atlas.tree()).toMatchObject({ 'project/target/c': 'c', 'project/deep/target/c': 'c' })
  expect(Object.keys(await atlas.tree())).not.toContain('project/s')
  expect(report.problems.map(({ path, code }) => `${path} ${code}`).sort()).toEqual([
    'project kept',
    'project/deep kept',
  ])
  expect(report.problems.find(({ path }) => path === 'project/deep')?.message).toMatch(
    /project\/deep\/target is ignored and still there.*move it away, or take its pattern out of \.causewayignore/,
  )
  expect(report).toMatchObject({ pendingUp: 0, pendingDown: 2, waitsForPerson: 2, rescan: [] })
})

test('a new directory of that name arrives all the same, with all below it, and edits there go on', async () => {
  await withLeftover()
  birch.user.write('project/new', 'new')
  birch.user.write('project/deep/new', 'new')
  await inStep()
  expect(await atlas.tree()).toEqual({ ...world.tree(), ...LEFTOVER })
  expect(world.tree()).toMatchObject({ 'project/new': 'new', 'project/deep/new': 'new' })
  expect((await atlas.cycle()).problems).toEqual([])
  atlas.user.write('project/deep/new', 'edited')
  await inStep()
  expect(birch.text('project/deep/new')).toBe('edited')
  expect(Object.keys(await birch.tree())).not.toContain('project/deep/target')
})

const LEFTOVER = {
  'project/target': '/',
  'project/target/c': 'c',
  'project/deep/target': '/',
  'project/deep/target/c': 'c',
}

test('where the delete and the new directory arrive together, the same comes out', async () => {
  atlas.user.write('.causewayignore', 'target/\n')
  atlas.user.write('project/s', 's')
  await world.settle()
  atlas.user.write('project/target/c', 'c')
  birch.user.remove('project')
  await birch.cycle()
  await birch.cycle()
  birch.user.write('project/new', 'new')
  await inStep()
  expect(await atlas.tree()).toEqual({ ...world.tree(), 'project/target': '/', 'project/target/c': 'c' })
  expect(world.tree()).toMatchObject({ 'project/new': 'new' })
})

test('a file of that name waits with the reason, and arrives when the directory is gone', async () => {
  await withLeftover()
  birch.user.write('project', 'a file now')
  await inStep()
  const { problems } = await atlas.cycle()
  expect(problems.filter(({ path }) => path === 'project').map(({ code }) => code)).toEqual(['kept'])
  atlas.user.remove('project')
  await inStep()
  expect(await atlas.tree()).toEqual(world.tree())
  expect(atlas.text('project')).toBe('a file now')
})

test('when the ignored child goes, the directory goes too, and the problem with it', async () => {
  await withLeftover()
  atlas.user.remove('project/target')
  atlas.user.remove('project/deep/target')
  await inStep()
  expect(await atlas.tree()).toEqual(world.tree())
  expect(await atlas.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
})

test('when its pattern goes, what was ignored is synced, and its directory lives again', async () => {
  await withLeftover()
  atlas.user.write('.causewayignore', '')
  await inStep()
  expect(await birch.tree()).toMatchObject({ 'project/target/c': 'c', 'project/deep/target/c': 'c' })
  expect(await atlas.tree()).toEqual(await birch.tree())
  expect(await atlas.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
})

test('a directory that was deleted elsewhere and holds something of no kind to sync does not block its name either', async () => {
  atlas.user.write('project/s', 's')
  await world.settle()
  atlas.user.makeFifo('project/pipe')
  birch.user.remove('project')
  await inStep()
  expect((await atlas.cycle()).problems).toContainEqual(
    expect.objectContaining({ path: 'project', code: 'kept', message: expect.stringContaining('move it away') }),
  )
  birch.user.write('project/new', 'new')
  await inStep()
  expect(atlas.text('project/new')).toBe('new')
  atlas.user.remove('project/pipe')
  await inStep()
  expect(await atlas.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
})
