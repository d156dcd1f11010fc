import { expect, test } from 'vitest'
import { AcceptResponseSchema, decode, encode, FolderIdSchema, type CoordinatorMessage } from '@causeway/protocol'
import { createClient } from '@causeway/client'
import {
  ADMIN_TOKEN,
  bytesOf,
  DEFAULT_FOLDER,
  run,
  type Running,
  type TestNode,
  type TestSocket,
} from '../test-support/running.ts'

const PHOTOS = FolderIdSchema.parse('photos')

test('a folder is offered to a node, which carries it once it accepts, with the right it was offered', async () => {
  await using running = await run({ folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  await client.giveFolder('photos', ada.id, 'receive-only')
  expect(await told(socket)).toMatchObject({
    offers: [{ id: 'photos', name: 'Photos', access: 'receive-only' }],
    ended: [],
  })
  expect((await client.node(ada.id)).offers).toMatchObject([{ folder: 'photos', access: 'receive-only' }])
  expect(await client.members('photos')).toEqual([])

  expect(await accept(running, ada, PHOTOS)).toMatchObject({ id: 'photos', name: 'Photos', access: 'receive-only' })
  // Its answer was lost: it asks again.
  expect(await accept(running, ada, PHOTOS)).toMatchObject({ id: 'photos', access: 'receive-only' })
  expect(await client.node(ada.id)).toMatchObject({ folders: [{ folder: 'default' }, { folder: 'photos' }] })
  expect((await client.node(ada.id)).offers).toBeUndefined()
  const { events } = (await running.rest('GET', '/api/v1/events?after=0&folder=photos')).body
  expect(events).toMatchObject([{ kind: 'join', node: 'coordinator' }])
  socket.close()
})

test('nobody takes a folder that was not offered, or is offered no longer', async () => {
  await using running = await run({ folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  for (const folder of ['photos', 'not-there']) {
    const answer = `${folder} is not offered to this node (any more)`
    await expect(accept(running, ada, FolderIdSchema.parse(folder))).rejects.toThrow(answer)
  }
  await client.giveFolder('photos', ada.id, 'read-write')
  await client.takeFolderAway('photos', ada.id)
  await expect(accept(running, ada, PHOTOS)).rejects.toThrow('403')
  await expect(client.takeFolderAway('photos', ada.id)).rejects.toMatchObject({ code: 'not-found' })
  await expect(client.giveFolder('default', ada.id, 'read-write')).rejects.toMatchObject({ code: 'already-exists' })
  await expect(client.giveFolder('photos', 'nobody', 'read-write')).rejects.toMatchObject({ code: 'not-found' })
  await client.register({ node_id: 'noted', name: 'Noted', address: '', port: 0 })
  await expect(client.giveFolder('photos', 'noted', 'read-write')).rejects.toMatchObject({ code: 'bad-request' })
})

test('a folder that a node declines is offered no longer, is seen to be declined, and may be offered again', async () => {
  await using running = await run({ folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await expect(client.declineFolder('photos', ada.id)).rejects.toMatchObject({ code: 'not-found' })
  await client.giveFolder('photos', ada.id, 'receive-only')
  const socket = await ada.socket()
  expect(await told(socket)).toMatchObject({ offers: [{ id: 'photos' }] })
  expect(await decline(running, ada, PHOTOS)).toBe(200)
  // Its answer was lost: it says so again.
  expect(await decline(running, ada, PHOTOS)).toBe(200)
  expect(await told(socket)).toMatchObject({ offers: [] })
  const declined = async () => (await client.node(ada.id)).offers
  expect(await declined()).toMatchObject([{ folder: 'photos', access: 'receive-only', declined: true }])
  await expect(accept(running, ada, PHOTOS)).rejects.toThrow('403')

  await client.giveFolder('photos', ada.id, 'read-write')
  expect(await declined()).toEqual([{ folder: 'photos', access: 'read-write', at: expect.any(String) }])
  await client.declineFolder('photos', ada.id)
  await client.takeFolderAway('photos', ada.id)
  expect(await declined()).toBeUndefined()
  expect(await decline(running, ada, FolderIdSchema.parse('not-there'))).toBe(404)
  socket.close()
})

test('a declined folder that is removed is neither seen as declined nor offered when it comes back', async () => {
  await using running = await run({ folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await client.giveFolder('photos', ada.id, 'read-write')
  await client.declineFolder('photos', ada.id)
  await client.removeFolder('photos')
  expect((await client.node(ada.id)).offers).toBeUndefined()
  await client.restoreFolder('photos')
  expect((await client.node(ada.id)).offers).toBeUndefined()
  expect(await running.coordinator.assignments.of(ada.id)).toEqual({ offers: [], ended: [] })
})

test('a node that declines while it still has the folder of an earlier time hears that this ended', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await client.takeFolderAway('default', ada.id)
  await client.giveFolder('default', ada.id, 'read-write')
  await client.declineFolder('default', ada.id)
  expect(await running.coordinator.assignments.of(ada.id)).toEqual({
    offers: [],
    ended: [{ id: 'default', why: 'taken-away' }],
  })
})

test('what is taken away from a node ends at once, and it hears of it however late it comes', async () => {
  await using running = await run()
  const client = clientOf(running)
  const [ada, bob] = [await running.enrol('ada'), await running.enrol('bob')]
  const socket = await ada.socket()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: { epoch: '', seq: 0, tag: '' } })
  await client.takeFolderAway('default', ada.id)
  expect(await told(socket)).toMatchObject({ offers: [], ended: [{ id: 'default', why: 'taken-away' }] })
  await bob.save('later.txt', 'not for ada', 1)
  await expect(ada.changes()).rejects.toThrow('403')
  await expect(ada.save('mine.txt', 'too late', 1)).rejects.toThrow('403')
  // What it asks before it has heard closes nothing.
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: { epoch: '', seq: 0, tag: '' } })

  const again = await ada.socket()
  expect(await told(again)).toMatchObject({ ended: [{ id: 'default', why: 'taken-away' }] })
  expect((await client.members('default')).map(({ node }) => node)).toEqual([bob.id])
  socket.close()
  again.close()
})

test('a removed node is offered nothing, and is told nothing when it comes back', async () => {
  await using running = await run({ folders: [DEFAULT_FOLDER, 'Photos'] })
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await client.giveFolder('photos', ada.id, 'read-write')
  await client.removeNode(ada.id)
  await expect(client.giveFolder('photos', ada.id, 'read-write')).rejects.toMatchObject({ code: 'not-found' })
  expect(await running.coordinator.assignments.of(ada.id)).toEqual({ offers: [], ended: [] })
})

test('a node is renamed, and keeps its id and its name over another join', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  expect(await client.renameNode(ada.id, 'Kitchen')).toMatchObject({ id: ada.id, name: 'Kitchen' })
  expect((await client.nodes()).map(({ name }) => name)).toEqual(['Kitchen'])
  await expect(client.renameNode(ada.id, '  ')).rejects.toMatchObject({ code: 'bad-request' })
  await expect(client.renameNode('nobody', 'x')).rejects.toMatchObject({ code: 'not-found' })
})

function clientOf({ url }: Running) {
  return createClient({ url, token: ADMIN_TOKEN })
}

/** What the node is next told of its folders. */
async function told(socket: TestSocket): Promise<CoordinatorMessage> {
  for (;;) {
    const message = await socket.next()
    if (message.kind === 'assignments') return message
  }
}

async function accept({ url }: Running, { token }: TestNode, folder: typeof PHOTOS) {
  const response = await fetch(new URL('/link/v1/accept', url), answerWith(token, folder))
  return decode(AcceptResponseSchema, await bytesOf(response)).folder
}

async function decline({ url }: Running, { token }: TestNode, folder: typeof PHOTOS): Promise<number> {
  return (await fetch(new URL('/link/v1/decline', url), answerWith(token, folder))).status
}

function answerWith(token: string, folder: typeof PHOTOS): RequestInit {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cbor' },
    body: Buffer.from(encode({ folder })),
  }
}
