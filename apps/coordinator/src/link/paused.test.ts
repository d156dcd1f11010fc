import { encode, LOG_START } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { DEFAULT_FOLDER, FRAMES, json, run, type Running, type TestSocket } from '../test-support/running.ts'

test('a paused node is told, pushed nothing and refused everything, until it may go on', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const socket = await bob.socket()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  await ada.save('before', 'before', 1)
  expect(await until(socket, 'changes')).toMatchObject({ batch: { head: 1 } })

  await pause(running, bob.id, true)
  expect(await until(socket, 'access')).toMatchObject({ access: 'read-write', paused: true })
  await ada.save('meanwhile', 'meanwhile', 2)
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  for (const call of ['commit', 'changes', 'patch', 'manifest', 'chunks/missing', 'chunks/fetch', 'chunks/deltas']) {
    const answer = await bob.call(call, encode({}))
    expect([call, answer.status, (await json(answer)).error.code]).toEqual([call, 409, 'paused'])
  }
  expect((await bob.call('chunks/upload', new Uint8Array(), FRAMES)).status).toBe(409)
  const made = await fetch(new URL(`/api/v1/folders/${DEFAULT_FOLDER}/restore`, running.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ path: 'before', version: 1 }),
  })
  expect((await json(made)).error.code).toBe('paused')

  await pause(running, bob.id, false)
  // Nothing of what was committed meanwhile came in between.
  expect(await socket.next()).toMatchObject({ kind: 'access', paused: false })
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  expect(await until(socket, 'changes')).toMatchObject({ batch: { head: 2 } })
  expect((await bob.changes()).head).toBe(2)
})

test('a node hears at sign-in that it is paused, and others go on', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  expect(bob.folders).toMatchObject([{ paused: false }])
  await pause(running, bob.id, true)
  expect((await ada.save('on', 'on', 1)).outcomes).toHaveLength(1)
  expect((await running.rest('GET', `/api/v1/folders/${DEFAULT_FOLDER}/members`)).body).toMatchObject([
    { node: ada.id, paused: false },
    { node: bob.id, paused: true },
  ])
})

async function until(socket: TestSocket, kind: string) {
  for (;;) {
    const message = await socket.next()
    if (message.kind === kind) return message
  }
}

function pause(running: Running, node: string, paused: boolean) {
  return running.rest('PATCH', `/api/v1/folders/${DEFAULT_FOLDER}/members/${node}`, { paused })
}
