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

async function fill(count: number): Promise<void> {
  for (let index = 0; index < count; index++) atlas.user.write(`docs/${index}`, `text ${index}`)
  await world.settle()
}

function remove(count: number): void {
  for (let index = 0; index < count; index++) atlas.user.remove(`docs/${index}`)
}

describe('deletes of more than half of a folder', () => {
  test('wait for a person, while everything else goes on', async () => {
    await fill(40)
    remove(30)
    atlas.user.write('docs/39', 'edited')
    atlas.user.write('new', 'new')
    const report = await atlas.cycle()
    expect(report.halted).toMatchObject({ removed: 30, live: 41 })
    expect(report.halted?.sample).toHaveLength(10)
    expect(report.halted?.sample[0]).toMatch(/^docs\/\d+$/)
    expect(report.pendingUp).toBe(30)
    expect(Object.keys(world.tree())).toHaveLength(42)
    expect(world.tree()).toMatchObject({ 'docs/39': 'edited', new: 'new' })
    expect(atlas.sent.map(({ kind }) => kind)).not.toContain('delete')
  })

  test('wait on, cycle after cycle, and go when the person says so', async () => {
    await fill(40)
    remove(30)
    for (let cycle = 0; cycle < 3; cycle++) expect((await atlas.cycle()).halted).not.toBeNull()
    atlas.approveDeletes()
    expect((await atlas.cycle()).halted).toBeNull()
    await birch.cycle()
    expect(birch.user.names('docs')).toHaveLength(10)
  })

  test('are approved once: the next accident waits again', async () => {
    await fill(100)
    remove(60)
    atlas.approveDeletes()
    expect((await atlas.cycle()).halted).toBeNull()
    for (let index = 60; index < 95; index++) atlas.user.remove(`docs/${index}`)
    expect((await atlas.cycle()).halted).toMatchObject({ removed: 35 })
  })

  test('an approval with nothing to delete does not wait for a later accident', async () => {
    await fill(40)
    atlas.approveDeletes()
    await atlas.cycle()
    remove(30)
    expect((await atlas.cycle()).halted).toMatchObject({ removed: 30 })
  })

  test('wait though they are one directory', async () => {
    await fill(40)
    atlas.user.remove('docs')
    expect((await atlas.cycle()).halted).toMatchObject({ removed: 41 })
    expect(Object.keys(world.tree())).toHaveLength(41)
  })

  test('need no person where the files were only moved', async () => {
    await fill(40)
    for (let index = 0; index < 40; index++) atlas.user.rename(`docs/${index}`, `papers/${index}`)
    atlas.user.remove('docs')
    expect((await atlas.cycle()).halted).toBeNull()
    await birch.cycle()
    expect(birch.user.names('papers')).toHaveLength(40)
  })
})

test('deletes of half or less go through', async () => {
  await fill(40)
  remove(20)
  expect((await atlas.cycle()).halted).toBeNull()
  expect((await atlas.cycle()).halted).toBeNull()
  expect(Object.keys(world.tree())).toHaveLength(21)
})

test('deletes wait until no more follow: an accident shows by its size', async () => {
  await fill(40)
  remove(15)
  const report = await atlas.cycle()
  expect(report).toMatchObject({ halted: null, pendingUp: 15 })
  expect(report.rescanAfterMs).not.toBeNull()
  remove(30)
  expect((await atlas.cycle()).halted).toMatchObject({ removed: 30 })
  expect(Object.keys(world.tree())).toHaveLength(41)
})

test('a single delete goes once a moment has passed in which nothing followed', async () => {
  await fill(40)
  remove(1)
  await atlas.cycle()
  expect(Object.keys(world.tree())).toHaveLength(41)
  await atlas.cycle({ afterMs: 50 })
  expect(Object.keys(world.tree())).toHaveLength(40)
})

test('a halt stays in sight while a cycle looks elsewhere', async () => {
  await fill(40)
  remove(30)
  await atlas.cycle()
  expect((await atlas.cycle({ directories: [], pull: false })).halted).not.toBeNull()
})

test('a small folder that is emptied waits too: more likely a missing mount than a wish', async () => {
  await fill(5)
  atlas.user.remove('docs')
  expect((await atlas.cycle()).halted).toMatchObject({ removed: 6, live: 6 })
  await birch.cycle()
  expect(birch.user.names('docs')).toHaveLength(5)
})

test('the last few files of a folder can be deleted without being asked', async () => {
  atlas.user.write('note.txt', 'one')
  await world.settle()
  atlas.user.remove('note.txt')
  expect((await atlas.cycle()).halted).toBeNull()
  expect((await atlas.cycle()).halted).toBeNull()
  expect(world.tree()).toEqual({})
})

describe('how long deletes wait for more', () => {
  async function removeTree(eventAgoMs: number | null): Promise<number> {
    await fill(100)
    for (let index = 0; index < 40; index++) atlas.user.write(`tree/${index}`, `text ${index}`)
    await world.settle()
    atlas.sent.length = 0
    atlas.user.remove('tree')
    atlas.lastEventMs = eventAgoMs === null ? null : world.nowMs + 10 - eventAgoMs
    await atlas.cycle({ afterMs: 10 })
    return atlas.sent.length
  }

  test('a directory that is gone as a whole goes once nothing has happened for 50 ms', async () => {
    expect(await removeTree(60)).toBe(0)
    await atlas.cycle({ afterMs: 55 })
    expect(atlas.sent).toHaveLength(1)
  })

  test('and not while something still happens', async () => {
    expect(await removeTree(20)).toBe(0)
    atlas.lastEventMs = world.nowMs + 20
    await atlas.cycle({ afterMs: 40 })
    expect(atlas.sent).toEqual([])
    // What never rests does not hold them up for ever: from then on it counts that no more is gone.
    atlas.lastEventMs = world.nowMs + 1100
    await atlas.cycle({ afterMs: 1100 })
    await atlas.cycle({ afterMs: 300 })
    expect(atlas.sent).toHaveLength(1)
  })

  test('an event that nobody has told of yet shows in what is gone', async () => {
    await fill(100)
    for (let index = 0; index < 10; index++) {
      remove(index + 1)
      atlas.lastEventMs = world.nowMs - 1000
      await atlas.cycle({ afterMs: 60 })
    }
    expect(atlas.sent.map(({ kind }) => kind)).not.toContain('delete')
  })

  test('where nobody tells of events, the wait is for what is gone to stay the same', async () => {
    expect(await removeTree(null)).toBe(0)
    await atlas.cycle({ afterMs: 260 })
    expect(atlas.sent).toHaveLength(1)
  })
})

test('the brake is the folder’s own', async () => {
  await fill(40)
  atlas.memory.send.removals.setBrake({ share: 0.1, min: 5 })
  remove(7)
  expect((await atlas.cycle()).halted).toMatchObject({ removed: 7, live: 41 })
  atlas.memory.send.removals.setBrake({ share: 0.1, min: 8 })
  expect((await atlas.cycle()).halted).toBeNull()
})
