import { createClient } from '@causeway/client'
import { expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, DEFAULT_FOLDER, fileOf, handClock, run, type Running } from '../test-support/running.ts'

const DAY_MS = 86_400_000

test("a removed folder is out of everybody's way, and comes back with its files, its history and its nodes offered", async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada', 'send-only')
  await ada.save('kept.txt', 'kept', 1)
  await client.invite({ folder: 'default' })
  await client.removeFolder('default')

  expect(await client.folders()).toEqual([])
  expect(await client.removedFolders()).toMatchObject([
    { id: 'default', name: 'default', forGood: false, counts: { files: 1, bytes: 4 }, nodes: [ada.id] },
  ])
  expect(await client.invites()).toEqual([])
  expect(await client.node(ada.id)).toMatchObject({ folders: [] })
  await expect(ada.save('more.txt', 'more', 2)).rejects.toThrow('403')
  await expect(client.browse('default')).rejects.toMatchObject({ code: 'not-found' })
  await expect(client.createFolder('default')).rejects.toMatchObject({ code: 'already-exists' })
  await expect(client.removeFolder('default')).rejects.toMatchObject({ code: 'not-found' })
  expect(await running.coordinator.assignments.of(ada.id)).toMatchObject({
    ended: [{ id: 'default', why: 'folder-removed' }],
  })

  expect(await client.restoreFolder('default')).toMatchObject({ id: 'default', counts: { files: 1 } })
  expect(await client.removedFolders()).toEqual([])
  expect((await client.node(ada.id)).offers).toMatchObject([{ folder: 'default', access: 'send-only' }])
  expect(await (await client.download('default', 'kept.txt')).text()).toBe('kept')
  await expect(client.restoreFolder('default')).rejects.toMatchObject({ code: 'not-found' })
})

test('nothing of a removed folder is collected, or thinned, until it is deleted for good', async () => {
  const clock = handClock()
  await using running = await run({ clock, folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await ada.save('old.txt', 'a text of long ago', 1)
  await client.changeFolder('default', { settings: { keepAllDays: 0, keepThinnedDays: 0 } })
  await client.remove('default', ['old.txt'])
  await client.removeFolder('default')
  const rounds = async (): Promise<void> => {
    for (let day = 0; day < 3; day++) {
      clock.advance(DAY_MS + 1)
      await running.coordinator.housekeeping.run()
    }
  }
  await rounds()
  expect(await holds(running, 'a text of long ago')).toBe(true)
  await client.restoreFolder('default')
  await client.restore('default', { path: 'old.txt' })
  expect(await (await client.download('default', 'old.txt')).text()).toBe('a text of long ago')

  await client.removeFolder('default')
  await client.deleteFolderForGood('default')
  await vi.waitFor(async () => expect(await client.removedFolders()).toEqual([]))
  await rounds()
  expect(await holds(running, 'a text of long ago')).toBe(false)
  expect((await client.folders()).map(({ name }) => name)).toEqual(['Photos'])
})

test('what is deleted for good does not come back, its name is free, and a node that was away still hears of it', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await ada.save('a.txt', 'a', 1)
  await expect(client.deleteFolderForGood('default')).rejects.toMatchObject({ code: 'not-found' })
  await client.removeFolder('default')
  await client.deleteFolderForGood('default')
  await expect(client.restoreFolder('default')).rejects.toMatchObject({ code: 'not-found' })
  await vi.waitFor(() => client.createFolder('default'))
  expect((await client.browse('default')).entries).toEqual([])
  expect(await running.coordinator.assignments.of(ada.id)).toMatchObject({ offers: [], ended: [{ id: 'default' }] })

  // The new folder has nothing to do with the nodes of the old one.
  await client.removeFolder('default')
  await client.restoreFolder('default')
  expect((await client.node(ada.id)).offers).toBeUndefined()
})

test('a position in a folder that was deleted for good proves nothing about a new folder of its name', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await ada.save('a.txt', 'a', 1)
  const { cursor } = await ada.changes()
  await client.removeFolder('default')
  await client.deleteFolderForGood('default')
  await vi.waitFor(() => client.createFolder('default'))

  const bob = await running.enrol('bob')
  const batch = await bob.changes(cursor)
  expect(batch).toMatchObject({ reset: true, states: [] })
  expect(batch.setBack).toBeUndefined()
  expect((await running.rest('GET', '/api/v1/events?kinds=restore')).body.events).toEqual([])
})

test('a deletion for good that was cut short goes on at the next start', async () => {
  await using running = await run()
  const client = clientOf(running)
  await client.removeFolder('default')
  const removed = { at: '2026-01-01T00:00:00.000Z', forGood: true }
  await running.coordinator.context.metadata.write((tx) => tx.updateFolder(DEFAULT_FOLDER, { removed }))
  expect(await client.removedFolders()).toMatchObject([{ id: 'default', forGood: true }])
  running.coordinator.removedFolders.start()
  await vi.waitFor(async () => expect(await client.removedFolders()).toEqual([]))
})

test('a start with nothing to delete does not take the lease of deletions', async () => {
  await using running = await run()
  const client = clientOf(running)
  const { context, removedFolders } = running.coordinator
  removedFolders.start()
  await client.removeFolder('default')
  await client.deleteFolderForGood('default')
  await vi.waitFor(async () => expect(await client.removedFolders()).toEqual([]))
  await removedFolders.stop()
  // Each that takes it gets the next token: the deletion was the first.
  expect((await context.metadata.read((tx) => tx.lease('purge')))?.token).toBe(1)
})

test('two folders never have one name', async () => {
  await using running = await run({ folders: ['Photos', 'Papers'] })
  const client = clientOf(running)
  await expect(client.changeFolder('papers', { name: 'Photos' })).rejects.toMatchObject({ code: 'already-exists' })
  expect(await client.changeFolder('papers', { name: 'Papers' })).toMatchObject({ name: 'Papers' })
  expect(await client.changeFolder('papers', { name: 'Letters' })).toMatchObject({ id: 'papers', name: 'Letters' })
})

function clientOf({ url }: Running) {
  return createClient({ url, token: ADMIN_TOKEN })
}

async function holds({ coordinator }: Running, text: string): Promise<boolean> {
  const { hash } = fileOf(text).chunk
  return (await coordinator.context.metadata.read((tx) => tx.chunks([hash]))).length > 0
}
