import { afterEach, beforeEach, expect, test } from 'vitest'
import { SyncError, type NodeId } from '@causeway/protocol'
import { openMemoryPackStore, type MetadataStore, type MetadataWriter } from '@causeway/store'
import { InProcess, refusalOf } from '../test-support/in-process.ts'
import { DEFAULT_FOLDER } from '../test-support/running.ts'

let world: InProcess
let ash: NodeId
/** How many of the next writes find that another coordinator was quicker. */
let overtaken = 0

beforeEach(async () => {
  overtaken = 0
  world = await InProcess.open({ packs: openMemoryPackStore(), clock: { now: () => 0 }, around: beatenByAnother })
  await world.coordinator.folders.ensure(DEFAULT_FOLDER)
  ash = await world.enrol('ash')
})

afterEach(() => world.metadata.close())

/** A store to which something is written between the reading of a folder and the commit. */
function beatenByAnother(store: MetadataStore): MetadataStore {
  const write = <T>(work: (tx: MetadataWriter) => Promise<T>): Promise<T> =>
    store.write(async (tx) => {
      if (overtaken === 0) return work(tx)
      overtaken -= 1
      await work(tx)
      throw new SyncError('outdated', 'another was quicker')
    })
  return {
    read: (work) => store.read(work),
    write,
    giveBackSpace: () => store.giveBackSpace(),
    close: () => store.close(),
  }
}

test('a commit before which the folder was changed is decided again, and counts once', async () => {
  overtaken = 3
  expect(refusalOf(await world.save(ash, 1, 'note'))).toBeNull()
  const { states, head } = await world.changes(ash)
  expect([states.map(({ name }) => name), head]).toEqual([['note'], 1])
})

test('a commit that others overtake without end is given up, and may be sent again', async () => {
  overtaken = 1000
  await expect(world.save(ash, 1, 'note')).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
  overtaken = 0
  expect(refusalOf(await world.save(ash, 1, 'note'))).toBeNull()
})
