import { isDeepStrictEqual } from 'node:util'
import { SyncError } from '@causeway/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestNode, World } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

const TEXT = 'x'.repeat(100)
const LARGE = 'y'.repeat(100_000)

beforeEach(async () => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
  for (let number = 0; number < 30; number++) atlas.user.write(`old/${number}`, `${TEXT}${number}`)
  atlas.user.write('film', LARGE)
  await world.settle()
})

afterEach(() => world.close())

function fill(freeBytes: number): void {
  const bytes = (directory: string): number =>
    birch.user.names(directory).reduce((sum, name) => {
      const path = directory === '' ? name : `${directory}/${name}`
      return sum + (birch.user.read(path)?.length ?? bytes(path))
    }, 0)
  birch.capacityBytes = bytes('') + freeBytes
}

async function atlasInStep(): Promise<void> {
  do await atlas.cycle()
  while (!isDeepStrictEqual(world.tree(), await atlas.tree()))
}

test('deletes and a truncation make room, whatever does not fit stands before them in the log', async () => {
  fill(150)
  for (let number = 0; number < 10; number++) atlas.user.write(`new/${number}`, `${TEXT}new ${number}`)
  atlas.user.write('other film', LARGE.replaceAll('y', 'z'))
  await atlasInStep()
  for (let number = 0; number < 12; number++) atlas.user.remove(`old/${number}`)
  atlas.user.write('film', 'short now')
  await atlasInStep()
  expect(await birch.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
  expect(await birch.tree()).toEqual(await atlas.tree())
})

test('what does not fit is told by its path, holds up nothing else, and comes when there is room', async () => {
  fill(250)
  atlas.user.write('a large one', LARGE.replaceAll('y', 'z'))
  atlas.user.write('small', TEXT)
  for (const name of ['first', 'second', 'third']) atlas.user.write(name, TEXT.replaceAll('x', name))
  atlas.user.mkdir('directory')
  await atlasInStep()
  const report = await birch.cycle()
  expect(report.problems.map(({ path, code }) => `${code} ${path}`).sort()).toEqual([
    'disk-full a large one',
    'disk-full first',
    'disk-full second',
    'disk-full third',
  ])
  expect(birch.text('small')).toBe(TEXT)
  expect(birch.user.names('')).toContain('directory')
  birch.capacityBytes = Infinity
  expect(await birch.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
  expect(await birch.tree()).toEqual(await atlas.tree())
  expect(birch.disk.stagedCount()).toBe(0)
})

test('what would not fit anyway is not fetched', async () => {
  fill(0)
  for (let number = 0; number < 10; number++) atlas.user.write(`new/${number}`, `${TEXT}new ${number}`)
  await atlasInStep()
  await birch.cycle()
  birch.traffic.down = 0
  birch.memory.apply.arrivals.forget()
  expect((await birch.cycle()).problems).toHaveLength(10)
  expect(birch.traffic.down).toBeLessThan(2 * TEXT.length)
})

test('a disk that says only at the sync that it is full holds up no delete', async () => {
  atlas.user.write('new', TEXT)
  await atlasInStep()
  atlas.user.remove('old/1')
  await atlasInStep()
  birch.beforeDisk = ({ method }) => {
    if (method === 'syncStaged' && birch.text('old/1') !== undefined) throw new SyncError('disk-full', 'no space')
  }
  expect(await birch.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
  expect(await birch.tree()).toEqual(await atlas.tree())
})
