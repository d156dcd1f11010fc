import { SyncError, type CommitRequest, type Operation } from '@causeway/protocol'
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

const makes = (name: string) => (operation: Operation) => operation.kind === 'create' && operation.place.name === name

/** A coordinator that refuses any commit which holds such an operation. Returns all that were sent. */
function refusesAll(node: TestNode, isBad: (operation: Operation) => boolean): CommitRequest[] {
  const sent: CommitRequest[] = []
  node.beforeCommit = (request) => {
    sent.push(request)
    if (request.operations.some(isBad)) throw new SyncError('bad-request', 'operations.3.place.name: Too big')
  }
  return sent
}

test('one operation that the coordinator can’t read is named with its path; all others are accepted', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `file ${index}`)
  for (const name of names) atlas.user.write(name, name)
  refusesAll(atlas, makes('file 7'))
  const report = await atlas.cycle()
  expect(Object.keys(world.tree()).sort()).toEqual(names.filter((name) => name !== 'file 7').sort())
  expect(report).toMatchObject({ pendingUp: 1, problems: [{ path: 'file 7', code: 'unreadable' }] })
  expect(report.problems[0]?.message).toContain('operations.3.place.name: Too big')
})

test('each part brings the contents of its own operations, and no other', async () => {
  for (const name of ['a', 'b', 'c', 'd']) atlas.user.write(name, name)
  const sent = refusesAll(atlas, makes('c'))
  await atlas.cycle()
  for (const { operations, contents } of sent) {
    const hashes = operations.flatMap((operation) =>
      operation.kind === 'create' && operation.content.kind === 'file' ? [operation.content.hash] : [],
    )
    expect(contents.map(({ hash }) => hash).sort()).toEqual(hashes.sort())
  }
  await birch.cycle()
  expect(await birch.tree()).toEqual({ a: 'a', b: 'b', d: 'd' })
})

test('a refused operation is not sent again for a minute, then once, and the problem goes when it is accepted', async () => {
  atlas.user.write('bad', 'bad')
  const sent = refusesAll(atlas, makes('bad'))
  await atlas.cycle()
  expect(sent).toHaveLength(1)
  for (let second = 0; second < 10; second++) {
    expect((await atlas.cycle()).problems).toMatchObject([{ path: 'bad', code: 'unreadable' }])
  }
  expect(sent).toHaveLength(1)
  await atlas.cycle({ afterMs: 60_000 })
  expect(sent).toHaveLength(2)

  atlas.beforeCommit = () => undefined
  expect((await atlas.cycle({ afterMs: 120_000 })).problems).toEqual([])
  expect(world.tree()).toEqual({ bad: 'bad' })
})

test('what lies in a directory that can’t be sent waits with it, and the rest goes on', async () => {
  atlas.user.write('dir/below', 'below')
  atlas.user.write('other', 'other')
  refusesAll(atlas, makes('dir'))
  const report = await atlas.cycle()
  expect(world.tree()).toEqual({ other: 'other' })
  expect(report.problems.map(({ path }) => path).sort()).toEqual(['dir', 'dir/below'])

  atlas.beforeCommit = () => undefined
  await atlas.cycle({ afterMs: 120_000 })
  expect(world.tree()).toEqual({ dir: '/', 'dir/below': 'below', other: 'other' })
})

test('a coordinator that is gone refuses nothing: the commit fails as a whole', async () => {
  for (const name of ['a', 'b']) atlas.user.write(name, name)
  let commits = 0
  atlas.beforeCommit = () => {
    commits += 1
    throw new SyncError('offline', 'nobody there')
  }
  await atlas.brokenCycle()
  expect(commits).toBe(1)
  expect(atlas.memory.send.unsent.count).toBe(2)
})
