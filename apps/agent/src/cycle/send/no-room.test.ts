import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let atlas: TestNode

const WHY = 'the coordinator takes no new contents'

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
})

afterEach(() => world.close())

test('what the coordinator has no room for is named by its path, and deletes and renames go on', async () => {
  for (const name of ['old', 'moved', 'gone']) atlas.user.write(name, name)
  await world.settle()
  world.folder.noRoom = WHY
  atlas.user.write('new', 'new bytes')
  atlas.user.write('large', 'x'.repeat(200_000))
  atlas.user.rename('moved', 'renamed')
  atlas.user.remove('gone')
  const report = await atlas.cycle()
  expect(report.halted).toBeNull()
  expect(report.problems.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'large', code: 'no-room', message: WHY },
    { path: 'new', code: 'no-room', message: WHY },
  ])
  expect(await atlas.cycle()).toMatchObject({ pendingUp: 2 })
  expect(Object.keys(world.tree()).sort()).toEqual(['old', 'renamed'])
})

test('it is neither read nor sent again until a while later, and goes through once there is room', async () => {
  world.folder.noRoom = WHY
  for (let number = 0; number < 50; number++) atlas.user.write(`note ${number}`, `note ${number}`)
  await atlas.cycle()
  const { length } = atlas.commits
  atlas.forgetCalls()
  const waiting = await atlas.cycle({ afterMs: 1000 })
  expect(waiting.problems).toHaveLength(50)
  expect(atlas.commits).toHaveLength(length)
  expect(atlas.calls.filter(({ method }) => method === 'readWhole')).toEqual([])
  expect(waiting.rescanAfterMs).toBeLessThanOrEqual(2000)

  world.folder.noRoom = null
  const after = await atlas.cycle({ afterMs: 60_000 })
  expect(after).toMatchObject({ problems: [], pendingUp: 0 })
  expect(Object.keys(world.tree())).toHaveLength(50)
})

test('above a quota only what makes the folder larger waits: smaller edits, small files and deletes go on', async () => {
  atlas.user.write('shrinks', 'x'.repeat(900))
  atlas.user.write('gone', 'gone')
  await world.settle()
  world.folder.quotaBytes = 950
  atlas.user.write('grows', 'y'.repeat(500))
  await atlas.cycle()
  atlas.user.write('small', 'z'.repeat(10))
  atlas.user.write('shrinks', 'x'.repeat(800))
  atlas.user.remove('gone')
  const report = await atlas.cycle()
  expect(report.problems).toMatchObject([{ path: 'grows', code: 'over-quota' }])
  expect(report.problems[0]?.message).toContain('may hold 950 B')
  await atlas.cycle()
  expect(
    Object.entries(world.tree())
      .map(([path, text]) => `${path} ${text.length}`)
      .sort(),
  ).toEqual(['shrinks 800', 'small 10'])

  world.folder.quotaBytes = 2000
  expect((await atlas.cycle({ afterMs: 60_000 })).problems).toEqual([])
  expect(world.tree()).toMatchObject({ grows: 'y'.repeat(500) })
})
