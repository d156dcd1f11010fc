import { InProcess } from '../../apps/coordinator/src/test-support/in-process.ts'
import { DEFAULT_FOLDER, handClock } from '../../apps/coordinator/src/test-support/running.ts'
import { openMemoryPackStore } from '@causeway/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HonestNode } from './honest-node.ts'

let world: InProcess
let ash: HonestNode
let birch: HonestNode

beforeEach(async () => {
  world = await InProcess.open({ packs: openMemoryPackStore(), clock: handClock() })
  await world.coordinator.folders.create('default')
  const join = async (name: string) => new HonestNode(await world.enrol(name), DEFAULT_FOLDER, world.coordinator)
  ash = await join('ash')
  birch = await join('birch')
  for (let index = 0; index < 5; index++) ash.disk.user.write(`file ${index}`, `${index}`)
  await settle()
})

afterEach(async () => {
  for (const { state } of [ash, birch]) state.close()
  await world.metadata.close()
})

async function settle(): Promise<void> {
  for (let round = 0; round < 8; round++) for (const node of [ash, birch]) await node.cycle()
}

test('a node that forgot everything counts on from what the log shows of it, and its edits arrive', async () => {
  ash.forget()
  ash.disk.user.write('file 0', 'edited')
  ash.disk.user.write('new', 'new')
  await settle()
  expect(birch.tree()).toMatchObject({ 'file 0': 'edited', new: 'new', 'file 4': '4' })
  expect(birch.tree()).toEqual(ash.tree())
  expect(Object.keys(birch.tree())).toHaveLength(6)
})

test('what it sends before it reads the log is refused, and sent again under counters that are free', async () => {
  ash.forget()
  ash.disk.user.write('file 0', 'edited')
  ash.disk.user.write('a/new', 'new')
  // What it takes for its first event is its first event once more, with other content.
  await ash.cycle({ pull: false })
  const { head } = await world.coordinator.folders.get(DEFAULT_FOLDER)
  expect(head).toBe(5)
  await settle()
  expect(birch.tree()).toMatchObject({ 'a/new': 'new', 'file 0': 'edited' })
  expect(birch.tree()).toEqual(ash.tree())
})
