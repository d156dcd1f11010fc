import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOG_START, SyncError, type ChangeBatch } from '@causeway/protocol'
import { liftHalt } from '../../sync-cycle.ts'
import { World, type TestNode, type Tree } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

async function expectEverywhere(tree: Tree): Promise<void> {
  await world.settle()
  expect(world.tree()).toEqual(tree)
  for (const node of world.nodes) expect(await node.tree(), `on ${node.id}`).toEqual(tree)
}

const conflicts = (): number => world.folder.events.filter(({ kind }) => kind === 'conflict').length

describe('a coordinator that was set back to an older copy', () => {
  test('is given back what it lost: edits, new files, renames and deletes, without a conflict', async () => {
    atlas.user.write('edited', 'one')
    atlas.user.write('renamed', 'two')
    atlas.user.write('deleted', 'three')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('edited', 'newer')
    atlas.user.rename('renamed', 'other')
    atlas.user.remove('deleted')
    atlas.user.write('docs/new', 'four')
    await world.settle()
    const tree = await atlas.tree()
    world.folder.restore(backup)
    await expectEverywhere(tree)
    expect(conflicts()).toBe(0)
  })

  test('whatever node comes first, nothing is reverted', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    await world.settle()
    world.folder.restore(backup)
    await birch.cycle()
    expect(world.tree()).toEqual({ 'note.txt': 'two' })
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('a node whose cursor is older than the backup notices by the clock that its own commit was lost', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('mine.txt', 'two')
    // It commits, and asks for nothing afterwards: its cursor stays before the backup.
    await atlas.cycle({ pull: false })
    expect(world.tree()).toEqual({ 'note.txt': 'one', 'mine.txt': 'two' })
    world.folder.restore(backup)
    await expectEverywhere({ 'note.txt': 'one', 'mine.txt': 'two' })
  })

  test('the clock tells so even after the log has moved on', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('mine.txt', 'two')
    await atlas.cycle({ pull: false })
    world.folder.restore(backup)
    birch.user.write('birch.txt', 'three')
    await birch.cycle()
    await expectEverywhere({ 'note.txt': 'one', 'mine.txt': 'two', 'birch.txt': 'three' })
  })

  test('a state that was told but not placed yet is given back too', async () => {
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    birch.beforeDisk = ({ method }) => {
      if (method === 'placeNew') throw new SyncError('io-error', 'cannot link (EIO)')
    }
    await birch.cycle()
    expect(birch.state.pendingCount()).toBe(1)
    birch.beforeDisk = () => undefined
    world.folder.restore(backup)
    // Only the node that never placed it is there to say so.
    await birch.cycle()
    expect(world.tree()).toEqual({ 'note.txt': 'one' })
  })

  test('a tombstone outweighs the older live state: what was deleted stays deleted', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.remove('note.txt')
    await world.settle()
    world.folder.restore(backup)
    await birch.cycle()
    expect(await birch.tree()).toEqual({})
    await expectEverywhere({})
  })

  test('an edit made since outlives a tombstone that had not seen it', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.remove('note.txt')
    await atlas.cycle()
    world.folder.restore(backup)
    birch.user.write('note.txt', 'two')
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('a node that is started again in the middle goes on offering', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    await atlas.cycle()
    world.folder.restore(backup)
    atlas.beforeCommit = () => {
      throw new SyncError('offline', 'the request was lost')
    }
    await atlas.brokenCycle()
    await atlas.restart()
    atlas.beforeCommit = () => undefined
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('a node that is started again still gives back what it was told and had not placed', async () => {
    birch.capacityBytes = 0
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    await birch.cycle()
    expect(birch.state.pendingCount()).toBe(1)
    // Nobody else can say what was lost.
    world.nodes.splice(world.nodes.indexOf(atlas), 1)
    world.folder.restore(backup)
    birch.beforeCommit = () => {
      throw new SyncError('offline', 'the request was lost')
    }
    await birch.brokenCycle()
    await birch.restart()
    birch.beforeCommit = () => undefined
    birch.capacityBytes = Infinity
    await expectEverywhere({ 'note.txt': 'one' })
    world.nodes.push(atlas)
  })

  test('two directories made under one name since are one again', async () => {
    const backup = world.folder.save()
    atlas.user.write('docs/a', 'a')
    await world.settle()
    world.folder.restore(backup)
    const cedar = world.join('cedar')
    cedar.user.write('docs/c', 'c')
    await cedar.cycle()
    await expectEverywhere({ docs: '/', 'docs/a': 'a', 'docs/c': 'c' })
    expect(conflicts()).toBe(0)
  })

  test('what both sides edited since is kept once each', async () => {
    atlas.user.write('note.txt', 'one')
    const cedar = world.join('cedar')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'lost')
    await atlas.cycle()
    await birch.cycle()
    world.folder.restore(backup)
    cedar.user.write('note.txt', 'newer')
    await cedar.cycle()
    await world.settle()
    const tree = world.tree()
    expect(Object.values(tree).sort()).toEqual(['lost', 'newer'])
    for (const node of world.nodes) expect(await node.tree()).toEqual(tree)
  })
})

describe('a coordinator that lacks something and was not shown to have been set back', () => {
  beforeEach(() => {
    world.folder.signs = false
  })

  test('is believed, and offered nothing: what it lacks comes in as new, and no byte is lost', async () => {
    atlas.user.write('note.txt', 'one')
    atlas.user.write('deleted', 'gone')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    atlas.user.write('docs/new', 'new')
    atlas.user.remove('deleted')
    await world.settle()
    world.folder.restore(backup)
    await world.settle()
    expect(world.nodes.flatMap(({ sent }) => sent.map(({ kind }) => kind))).not.toContain('offer')
    const tree = world.tree()
    expect(tree).toMatchObject({ 'docs/new': 'new', deleted: 'gone' })
    expect(Object.values(tree)).toContain('two')
    for (const node of world.nodes) expect(await node.tree()).toEqual(tree)
  })

  test('is asked once, and not for ever', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    await world.settle()
    world.folder.restore(backup)
    await world.settle()
    const { head } = world.folder
    const sent = atlas.sent.length
    for (let round = 0; round < 3; round++) await atlas.cycle()
    expect([world.folder.head, atlas.sent.length]).toEqual([head, sent])
    expect(atlas.memory.pull.log.reading).toEqual({ kind: 'live' })
  })
})

test('the newest position that a commit was answered with proves that it was lost, even from a node that never asked', async () => {
  atlas.user.write('note.txt', 'one')
  const backup = world.folder.save()
  await atlas.cycle({ pull: false })
  world.folder.restore(backup)
  birch.user.write('other.txt', 'two')
  await birch.cycle()
  await expectEverywhere({ 'note.txt': 'one', 'other.txt': 'two' })
  expect(atlas.sent.map(({ kind }) => kind)).toContain('offer')
})

describe('a state that has seen less than what is held here', () => {
  /** Saved here twice, and what was told of the first save before the second was accepted. */
  async function overtaken(): Promise<ChangeBatch> {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const first = world.folder.changes({ cursor: LOG_START, limit: 4096 })
    atlas.user.write('note.txt', 'two')
    await atlas.cycle({ pull: false })
    return first
  }

  test('is old where its push ends before the position of what is held: nothing comes of it', async () => {
    atlas.pushed(await overtaken())
    await atlas.cycle({ pull: false })
    expect(atlas.sent.map(({ kind }) => kind)).toEqual(['create', 'edit'])
    expect([atlas.text('note.txt'), world.tree()]).toEqual(['two', { 'note.txt': 'two' }])
    expect(atlas.memory.pull.log.reading).toEqual({ kind: 'live' })
  })

  test('is old however often it comes', async () => {
    const first = await overtaken()
    for (let times = 0; times < 3; times++) atlas.pushed(first)
    atlas.push()
    atlas.pushed(first)
    await expectEverywhere({ 'note.txt': 'two' })
    expect(atlas.sent.map(({ kind }) => kind)).not.toContain('offer')
  })

  test('says at once that the log was set back where its push ends later than that', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    await atlas.cycle({ pull: false })
    world.folder.restore(backup)
    for (const text of ['1', '2', '3']) {
      birch.user.write('note.txt', `birch ${text}`)
      await birch.cycle({ pull: false })
    }
    atlas.push()
    expect(atlas.memory.pull.log.reading.kind).toBe('rereading')
    await world.settle()
    expect(Object.values(world.tree()).sort()).toEqual(['birch 3', 'two'])
  })

  test('shows the coordinator its newest position where a set-back log has not come that far', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    for (const text of ['two', 'three', 'four']) {
      atlas.user.write('note.txt', text)
      await atlas.cycle({ pull: false })
    }
    world.folder.restore(backup)
    birch.user.write('note.txt', 'birch')
    await birch.cycle({ pull: false })
    atlas.push()
    expect(atlas.memory.pull.log.reading.kind).toBe('behind')
    await atlas.cycle({ pull: false })
    expect(atlas.sent.map(({ kind }) => kind)).toContain('offer')
    await world.settle()
    expect(Object.values(world.tree()).sort()).toEqual(['birch', 'four'])
    for (const node of world.nodes) expect(await node.tree()).toEqual(world.tree())
  })

  test('of something deleted here says so too, and a process that ends just then goes on with it', async () => {
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.remove('note.txt')
    for (let cycle = 0; cycle < 2; cycle++) await atlas.cycle()
    world.folder.restore(backup)
    // Atlas has nothing to give back: the log knows of no entry that it deleted.
    await atlas.cycle()
    await birch.cycle()
    expect(world.tree()).toEqual({ 'note.txt': 'one' })
    atlas.push()
    expect(atlas.memory.pull.log.reading.kind).toBe('rereading')
    await atlas.restart()
    await expectEverywhere({})
  })

  test('is answered at once when it was asked for', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const backup = world.folder.save()
    atlas.user.write('note.txt', 'two')
    await atlas.cycle()
    world.folder.restore(backup)
    await atlas.cycle()
    expect(atlas.sent.at(-1)).toMatchObject({ kind: 'offer', state: { name: 'note.txt' } })
  })
})

describe('a batch', () => {
  test('that mentions nothing removes nothing', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    const { head } = world.folder
    const empty = {
      folder: world.folder.id,
      after: 0,
      reset: true,
      cursor: LOG_START,
      head,
      clock: {},
      states: [],
      contents: [],
    }
    birch.pushed(empty)
    await expectEverywhere({ 'note.txt': 'one' })
  })

  test('that was pushed after others that never arrived is not taken: the next cycle asks', async () => {
    atlas.user.write('one', '1')
    await atlas.cycle()
    const between = world.folder.changes({ cursor: LOG_START, limit: 4096 }).cursor
    atlas.user.write('two', '2')
    await atlas.cycle()
    birch.pushed(world.folder.changes({ cursor: between, limit: 4096 }))
    expect(birch.state.cursor()).toEqual(LOG_START)
    await birch.cycle({ pull: false })
    expect(await birch.tree()).toEqual({ one: '1', two: '2' })
  })

  test('moves the cursor, and the clock with it', async () => {
    await birch.cycle()
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    birch.push()
    expect(birch.state.cursor().seq).toBe(world.folder.head)
    expect(birch.state.clock()).toMatchObject({ atlas: 1 })
    expect(birch.state.pendingCount()).toBe(1)
  })

  test('that tells of a delete is not missed while it is unknown what a killed process had placed', async () => {
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    birch.beforeDisk = ({ method }) => {
      if (method === 'syncDirectories') throw new Error('killed')
    }
    await expect(birch.cycle()).rejects.toThrow('killed')
    birch.beforeDisk = () => undefined
    await birch.restart()
    atlas.user.remove('note.txt')
    await atlas.cycle()
    await atlas.cycle()
    birch.push()
    await birch.cycle({ pull: false })
    expect(await birch.tree()).toEqual({})
  })
})

describe('what the coordinator says is deleted', () => {
  const files = Array.from({ length: 40 }, (_, index) => `file ${index}`)

  async function deletedElsewhere(): Promise<ChangeBatch> {
    for (const name of files) atlas.user.write(name, name)
    await world.settle()
    const cursor = birch.state.cursor()
    for (const name of files) atlas.user.remove(name)
    await atlas.cycle()
    await atlas.cycle({ afterMs: 1000 })
    liftHalt(atlas, 'let-go')
    await atlas.cycle({ afterMs: 1000 })
    return world.folder.changes({ cursor, limit: 4096 })
  }

  test('is removed unasked where the brake has counted it: a person let it through once, for all nodes', async () => {
    await deletedElsewhere()
    const report = await birch.cycle()
    expect(report.halted).toBeNull()
    expect(await birch.tree()).toEqual({})
  })

  test('is not removed where nothing counted it and it is much, until a person has looked', async () => {
    const { counted, ...uncounted } = await deletedElsewhere()
    expect(counted).toBe(40)
    birch.pushed(uncounted)
    const report = await birch.cycle({ pull: false })
    expect(report.halted).toMatchObject({ removed: 40, live: 40 })
    expect(Object.keys(await birch.tree())).toHaveLength(40)
    await birch.restart()
    expect((await birch.cycle({ pull: false })).halted).not.toBeNull()
    liftHalt(birch, 'let-go')
    await birch.cycle({ pull: false })
    expect(await birch.tree()).toEqual({})
  })

  test('is removed where it is little, whoever counted it', async () => {
    const { counted, states, ...rest } = await deletedElsewhere()
    expect(counted).toBe(40)
    birch.pushed({ ...rest, states: states.slice(0, 5) })
    expect((await birch.cycle({ pull: false })).halted).toBeNull()
    expect(Object.keys(await birch.tree())).toHaveLength(35)
  })
})
