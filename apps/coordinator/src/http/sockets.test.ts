import { randomBytes } from 'node:crypto'
import { encode, FolderReportSchema, LOG_START, type FolderReport } from '@causeway/protocol'
import { expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import {
  ADMIN_TOKEN,
  createOf,
  DEFAULT_FOLDER,
  fileOf,
  handClock,
  heard,
  run,
  type Running,
} from '../test-support/running.ts'
import { FULL_BYTES, TOO_FULL_BYTES } from './sockets.ts'

test('a node that asks and asks and never reads is read from no more, until it reads', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const files = Array.from({ length: 60 }, () => fileOf(randomBytes(60_000)))
  const operations = files.map(({ content }, index) => createOf(ada.id, index + 1, `file ${index}`, content))
  await ada.commit({ operations, contents: files.map(({ named }) => named) })
  const since = vi.spyOn(running.coordinator.changes, 'since')
  const bob = await running.enrol('bob')
  const { here, there } = await joined(running, '/link/v1/socket', bob.token)
  here.pause()
  for (let asked = 0; asked < 150; asked++) {
    here.send(encode({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START }))
  }
  await vi.waitUntil(() => there.isPaused && there.bufferedAmount > FULL_BYTES, { timeout: 10_000 })
  const asked = since.mock.calls.length
  expect(there.bufferedAmount).toBeLessThan(TOO_FULL_BYTES + FULL_BYTES)
  expect(asked).toBeLessThan(20)
  // What it asked is answered once it reads, and the link still stands.
  here.resume()
  await vi.waitUntil(() => since.mock.calls.length === 150, { timeout: 25_000 })
  expect(there.readyState).toBe(WebSocket.OPEN)
})

test('a page that never reads is closed before it fills memory', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const { here, there } = await joined(running, '/ws', ADMIN_TOKEN)
  here.pause()
  const problems = Array.from({ length: 100 }, () => ({ path: 'p'.repeat(4000), code: 'io-error', message: 'm' }))
  const { broadcasts } = running.coordinator.context
  for (let told = 0; told < 100; told++)
    broadcasts.publish('report', { from: 'here', node: ada.id, report: { ...QUIET, problems } })
  expect(there.readyState).not.toBe(WebSocket.OPEN)
  expect(there.bufferedAmount).toBeLessThan(TOO_FULL_BYTES + FULL_BYTES)
  await new Promise((resolve) => there.once('close', resolve))
})

test('a page that reads slowly is given all the history there is', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  for (let at = 0; at < 40; at++) await ada.save(`${at}-${'x'.repeat(200)}`, 'x', at + 1)
  const { here } = await joined(running, '/ws', ADMIN_TOKEN)
  const seen: number[] = []
  here.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString())
    if (message.kind === 'event') seen.push(message.event.position)
  })
  here.send(JSON.stringify({ subscribe: { after: 0 } }))
  here.pause()
  await ada.save('last', 'x', 41)
  here.resume()
  await vi.waitUntil(() => seen.length === 42)
  expect(seen).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
})

test('what a node reports over and over is told to pages now and then, and at last as it is', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const told: FolderReport[] = []
  running.coordinator.context.broadcasts.subscribe('report', ({ report }) => told.push(report))
  const socket = await ada.socket()
  for (let pendingUp = 1; pendingUp <= 200; pendingUp++) {
    socket.send({ kind: 'report', report: { ...QUIET, pendingUp } })
  }
  socket.send({ kind: 'report', report: { ...QUIET, folder: FolderReportSchema.shape.folder.parse('not-mine') } })
  await heard(socket)
  await vi.waitUntil(() => told.at(-1)?.pendingUp === 200)
  expect(told.length).toBeLessThan(20)
  expect(told.map(({ folder }) => folder)).not.toContain('not-mine')
})

test('a node keeps only its newest links', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const first = await ada.socket()
  for (let opened = 0; opened < 4; opened++) await ada.socket()
  expect(await first.closed).toBe(4409)
})

test('a page’s socket ends when its session is signed out', async () => {
  await using running = await run()
  const { cookie } = await signedIn(running)
  const { here } = await joined(running, '/ws', undefined, { cookie })
  const other = await joined(running, '/ws', undefined, await signedIn(running))
  const closed = new Promise((resolve) => here.once('close', resolve))
  await fetch(`${running.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } })
  expect(await closed).toBe(4401)
  expect(other.there.readyState).toBe(WebSocket.OPEN)
})

test('sockets end once the time of their session is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const clock = handClock()
    await using running = await run({ clock })
    const ada = await running.enrol('ada')
    const node = await joined(running, '/link/v1/socket', ada.token)
    const page = await joined(running, '/ws', undefined, await signedIn(running))
    const closed = [node, page].map(({ here }) => new Promise((resolve) => here.once('close', resolve)))
    clock.advance(8 * 24 * 3_600_000)
    vi.advanceTimersByTime(5_000)
    expect(await Promise.all(closed)).toEqual([4401, 4401])
  } finally {
    vi.useRealTimers()
  }
})

const QUIET: FolderReport = {
  folder: DEFAULT_FOLDER,
  state: 'idle',
  cursor: 0,
  pendingUp: 0,
  pendingDown: 0,
  problems: [],
  transfer: null,
}

/** Both ends of one socket. */
async function joined(
  running: Running,
  path: string,
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<{ here: WebSocket; there: WebSocket }> {
  const known = new Set(running.app.websocketServer.clients)
  const here = new WebSocket(running.url.replace('http', 'ws') + path, {
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  })
  await new Promise((resolve, reject) => here.once('open', resolve).once('error', reject))
  const there = [...running.app.websocketServer.clients].find((client) => !known.has(client))
  if (there === undefined) throw new Error('the server has no such socket')
  return { here, there }
}

async function signedIn(running: Running): Promise<{ cookie: string }> {
  const response = await fetch(`${running.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  return { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}
