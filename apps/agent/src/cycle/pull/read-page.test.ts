import { SyncError, type ChangesRequest } from '@causeway/protocol'
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

/** Lets only those requests through whose answers the node can read. Returns all that were made. */
function readsOnly(node: TestNode, isReadable: (request: ChangesRequest) => boolean): ChangesRequest[] {
  const asked: ChangesRequest[] = []
  node.beforeChanges = (request) => {
    asked.push(request)
    if (!isReadable(request)) throw new SyncError('protocol-mismatch', 'states: Too big')
  }
  return asked
}

const formOf = ({ limit, full = false }: ChangesRequest): string => `${limit}${full ? ' full' : ''}`

test('a page that can’t be read is asked for whole, then in halves, and the folder gets in step', async () => {
  for (const name of ['a', 'b', 'c']) atlas.user.write(name, name)
  await atlas.cycle()
  const asked = readsOnly(birch, ({ limit, full }) => full === true && limit < 300)
  const report = await birch.cycle()
  expect(asked.map(formOf)).toEqual(['1000', '1000 full', '500 full', '250 full'])
  expect(await birch.tree()).toEqual(world.tree())
  expect(report.problems).toMatchObject([{ path: '', code: 'unreadable-changes' }])
  expect(report.problems[0]?.message).toContain('states: Too big')

  birch.beforeChanges = () => undefined
  expect((await birch.cycle()).problems).toEqual([])
})

test('a change that can’t be read even alone fails the cycle with its position, and is asked for once a cycle from then on', async () => {
  atlas.user.write('a', 'a')
  await atlas.cycle()
  const asked = readsOnly(birch, () => false)
  await expect(birch.cycle()).rejects.toThrow('position 0')
  expect(new Set(asked.map(formOf)).size).toBe(asked.length)
  expect(asked.at(-1)).toMatchObject({ limit: 1, full: true })
  asked.length = 0
  await expect(birch.cycle()).rejects.toThrow('states: Too big')
  expect(asked.map(formOf)).toEqual(['1 full'])

  birch.beforeChanges = () => undefined
  await birch.cycle()
  expect(await birch.tree()).toEqual(world.tree())
})

test('a coordinator that can’t be reached is not asked in another form', async () => {
  const asked: string[] = []
  birch.beforeChanges = (request) => {
    asked.push(formOf(request))
    throw new SyncError('offline', 'nobody there')
  }
  await birch.brokenCycle()
  expect(asked).toEqual(['1000'])
})
