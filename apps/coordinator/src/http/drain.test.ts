import { once } from 'node:events'
import { request } from 'node:http'
import { encode, LOG_START } from '@causeway/protocol'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { ADMIN_TOKEN, DEFAULT_FOLDER, heard, json, run } from '../test-support/running.ts'
import { createDrain } from './drain.ts'

test('a coordinator that drains is alive and not ready, answers what it is asked, and takes no new socket', async () => {
  const drain = createDrain()
  await using running = await run({ drain })
  const ada = await running.enrol('ada')
  expect((await fetch(`${running.url}/readyz`)).status).toBe(200)

  drain.begin()
  const ready = await fetch(`${running.url}/readyz`)
  expect([ready.status, await json(ready)]).toEqual([
    503,
    { status: 'not-ready', reason: 'this coordinator is stopping' },
  ])
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
  const saved = await ada.call('changes', encode({ cursor: LOG_START, limit: 10 }))
  expect([saved.status, saved.headers.get('connection')]).toEqual([200, 'close'])
  const refused = await upgrade(running.url, ada.token)
  expect(refused).toMatchObject({ status: 503, retryAfter: '1' })
})

test('sockets stay until they are sent away, and then close with the code for a restart', async () => {
  const drain = createDrain()
  await using running = await run({ drain })
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  expect((await socket.next()).kind).toBe('welcome')
  drain.begin()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  await heard(socket)
  drain.sendAway()
  expect(await socket.closed).toBe(1012)
})

test('a request that was begun is answered before the end, and one that takes too long is left', async () => {
  const drain = createDrain()
  await using running = await run({ drain })
  const body = JSON.stringify({ name: 'late' })
  const slow = await sending(running.url, body.length)
  drain.begin()
  const finished = running.finish(60_000)
  slow.wire.end(body)
  expect(await slow.status).toBe(200)
  expect(await finished).toBe(0)
  await expect(fetch(`${running.url}/healthz`)).rejects.toThrow('fetch failed')

  await using other = await run()
  const stuck = await sending(other.url, 10)
  expect(await other.finish(5)).toBe(1)
  stuck.wire.destroy()
})

/** A request whose head has arrived, and whose body has not. */
async function sending(url: string, length: number) {
  const wire = request(`${url}/api/v1/folders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'content-type': 'application/json',
      'content-length': length,
      expect: '100-continue',
    },
  })
  const status = new Promise<number | undefined>((resolve) => {
    wire.once('response', (response) => resolve(response.resume().statusCode))
    wire.once('error', () => resolve(undefined))
  })
  const isTaken = once(wire, 'continue')
  wire.flushHeaders()
  await isTaken
  return { wire, status }
}

/** How an upgrade to the node link is refused. */
function upgrade(url: string, token: string): Promise<{ status: number | undefined; retryAfter: string | undefined }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/link/v1/socket`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('the socket was taken')))
    socket.once('unexpected-response', (_request, { statusCode, headers }) => {
      resolve({ status: statusCode, retryAfter: headers['retry-after'] })
      socket.on('error', () => undefined)
      socket.terminate()
    })
  })
}

test('OpenAPI says what both routes answer, and that they need no sign-in', async () => {
  await using running = await run()
  const paths = (await running.rest('GET', '/docs/json')).body.paths
  expect(Object.keys(paths['/healthz'].get.responses)).toEqual(['200'])
  expect(Object.keys(paths['/readyz'].get.responses)).toEqual(['200', '503'])
  for (const path of ['/healthz', '/readyz']) expect(paths[path].get).toMatchObject({ security: [] })
})
