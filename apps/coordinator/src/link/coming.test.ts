import { encode, encodeManifest, LOG_START } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { largeOf, noise } from '@causeway/testkit'
import { DEFAULT_FOLDER, heard, run, type TestSocket } from '../test-support/running.ts'
import { readSocketMessage } from '../test-support/socket-messages.ts'
import { createLinkSession } from '../feed/node-feed.ts'

test('what is coming is told to the other nodes that may receive it, and by writers only', async () => {
  await using running = await run()
  const nodes = {
    ada: await running.enrol('ada'),
    dan: await running.enrol('dan', 'receive-only'),
    bob: await running.enrol('bob'),
    cyd: await running.enrol('cyd', 'send-only'),
    eve: await running.enrol('eve'),
  }
  const ada = await nodes.ada.socket()
  const dan = await nodes.dan.socket()
  const sockets = { ada, dan, bob: await nodes.bob.socket(), cyd: await nodes.cyd.socket() }
  const eve = await nodes.eve.socket()
  for (const socket of Object.values(sockets)) await heard(socket)

  const { manifest } = largeOf(noise(200_000, 1))
  const coming = { upload: 'one', sizeBytes: 600_000, first: 0, chunks: encodeManifest(manifest) }
  dan.send({ kind: 'coming', folder: DEFAULT_FOLDER, coming })
  ada.send({ kind: 'coming', folder: DEFAULT_FOLDER, coming })
  const told: Record<string, unknown[]> = {}
  for (const [name, socket] of Object.entries({ ...sockets, eve })) told[name] = await comingTo(socket)
  const expected = { kind: 'coming', folder: DEFAULT_FOLDER, node: nodes.ada.id, coming }
  expect(told).toEqual({
    ada: [],
    dan: [{ ...expected, coming: { ...coming, chunks: Buffer.from(coming.chunks) } }],
    bob: [{ ...expected, coming: { ...coming, chunks: Buffer.from(coming.chunks) } }],
    cyd: [],
    eve: [],
  })
})

test('what is coming is not told to a node whose socket is full', async () => {
  await using running = await run()
  const bob = await running.enrol('bob')
  const { context } = running.coordinator
  const sent: string[] = []
  const socket = {
    isFull: false,
    send: (bytes: Uint8Array) => void sent.push(readSocketMessage(bytes).kind),
    close() {},
  }
  const session = createLinkSession(context, running.coordinator, bob.id, socket)
  await session.receive(encode({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START }))
  const ada = (await running.enrol('ada')).id
  const coming = { upload: 'one', sizeBytes: 1, first: 0, chunks: new Uint8Array() }
  socket.isFull = true
  context.broadcasts.publish('coming', { folder: DEFAULT_FOLDER, node: ada, coming })
  expect(sent).toEqual(['welcome'])
  socket.isFull = false
  context.broadcasts.publish('coming', { folder: DEFAULT_FOLDER, node: ada, coming })
  expect(sent).toEqual(['welcome', 'coming'])
})

/** What of this kind was sent on the socket, once all that was sent to the coordinator on it has been dealt with. */
async function comingTo(socket: TestSocket): Promise<unknown[]> {
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: { epoch: 'nowhere', seq: 999_999, tag: '' } })
  const coming: unknown[] = []
  for (let message = await socket.next(); message.kind !== 'behind'; message = await socket.next()) {
    if (message.kind === 'coming') coming.push(message)
  }
  return coming
}
