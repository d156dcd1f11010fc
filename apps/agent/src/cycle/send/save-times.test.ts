import { SyncError } from '@causeway/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

/** What a save's time is made of, by the real cycle. Each cycle begins a second after what came before. */

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
  atlas.user.write('note.txt', 'zero')
  await world.settle()
})

afterEach(() => world.close())

test('a new file and an edit are timed to the answer; what a scan found by itself is not', async () => {
  save('new.txt', 'one')
  save('note.txt', 'one')
  atlas.user.write('unseen.txt', 'one')
  await atlas.cycle()
  expect(atlas.savesTookMs).toEqual([1000, 1000])
})

test('a commit that did not get through is timed until one does: an hour offline is an hour', async () => {
  save('note.txt', 'one')
  atlas.beforeCommit = () => {
    throw new SyncError('offline', 'nobody answers')
  }
  await atlas.brokenCycle()
  atlas.beforeCommit = () => undefined
  await atlas.cycle({ afterMs: 3_599_000 })
  expect(atlas.savesTookMs).toEqual([3_600_000])
  await atlas.cycle()
  expect(atlas.savesTookMs).toHaveLength(1)
})

test.each(['new.txt', 'note.txt'])(
  'a commit whose answer was lost is timed until the node knows that it stands: %s',
  async (path) => {
    save(path, 'one')
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await world.settle()
    expect(atlas.savesTookMs).toEqual([2000])
  },
)

test('saves that go in one commit are one, timed from the first', async () => {
  save('note.txt', 'one')
  world.nowMs += 500
  save('note.txt', 'two')
  await atlas.cycle()
  expect(atlas.savesTookMs).toEqual([1500])
})

test('what the node wrote itself, what is renamed and what is deleted is no save', async () => {
  birch.user.write('from-birch.txt', 'one')
  await birch.cycle()
  await atlas.cycle()
  atlas.saves.noticed('from-birch.txt')
  atlas.user.rename('note.txt', 'renamed.txt')
  atlas.saves.noticed('note.txt')
  atlas.saves.noticed('renamed.txt')
  await world.settle()
  atlas.user.remove('renamed.txt')
  atlas.saves.noticed('renamed.txt')
  await world.settle()
  expect(atlas.savesTookMs).toEqual([])
  save('renamed.txt', 'again')
  await atlas.cycle()
  expect(atlas.savesTookMs).toEqual([1000])
})

test('a save noticed once more after it was sent does not lengthen the next one', async () => {
  save('note.txt', 'one')
  await atlas.cycle({ afterMs: 5 })
  world.nowMs += 1
  atlas.saves.noticed('note.txt')
  await atlas.cycle({ afterMs: 60 })
  world.nowMs += 3_600_000
  save('note.txt', 'two')
  await atlas.cycle()
  expect(atlas.savesTookMs).toEqual([5, 1000])
})

test('on a node that only receives nothing is timed', async () => {
  atlas.access = 'receive-only'
  save('note.txt', 'mine')
  await world.settle()
  expect(atlas.savesTookMs).toEqual([])
})

test('a file that is still being written counts from when it was last seen to change', async () => {
  save('film', '')
  await atlas.cycle({ afterMs: 20 })
  world.nowMs += 10_000
  save('film', 'a'.repeat(2_000_000))
  const writer = atlas.user.openForWriting('film')
  await atlas.cycle({ afterMs: 20 })
  expect(atlas.savesTookMs).toEqual([])
  writer.close()
  await atlas.cycle({ afterMs: 400 })
  expect(atlas.savesTookMs).toEqual([420])
})

function save(path: string, text: string): void {
  atlas.user.write(path, text)
  atlas.saves.noticed(path)
}
