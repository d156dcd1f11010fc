import { createClient } from '@causeway/client'
import type { HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { ADMIN_TOKEN, DEFAULT_FOLDER, run, type Running } from '../test-support/running.ts'

test('a reader gets kept events, then live ones, each once and in order, while nodes write', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  for (let counter = 1; counter <= 30; counter++) await ada.save(`before ${counter}`, `${counter}`, counter)
  const client = createClient({ url: running.url, token: ADMIN_TOKEN })
  const writing = (async () => {
    for (let counter = 31; counter <= 60; counter++) await ada.save(`during ${counter}`, `${counter}`, counter)
  })()
  const seen = await take(client.events({ after: 5 }), 56)
  await writing
  expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 56 }, (_, index) => 6 + index))
  expect(await take(client.events({ after: 60 }), 1)).toEqual(seen.slice(-1))
})

test('a reader whose connection is cut resumes behind the last event it was given', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const client = createClient({ url: running.url, token: ADMIN_TOKEN })
  const positions: number[] = []
  for await (const { position } of client.events({ after: 0 })) {
    positions.push(position)
    if (position === 10) break
    // Cut between almost any two events: a socket may have sent several that were not yet taken.
    if (position % 3 === 0) for (const socket of running.app.websocketServer.clients) socket.terminate()
    await ada.save(`file ${position}`, `${position}`, position)
  }
  expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('a reader without a sign-in is told so instead of trying for ever', async () => {
  await using running = await run()
  const reading = take(createClient({ url: running.url, token: 'wrong' }).events({ after: 0 }), 1)
  await expect(reading).rejects.toMatchObject({ code: 'not-signed-in' })
})

test('an iteration ends when its signal says so', async () => {
  await using running = await run()
  const stop = new AbortController()
  const reading = take(
    createClient({ url: running.url, token: ADMIN_TOKEN }).events({ after: 0, signal: stop.signal }),
    1,
  )
  stop.abort()
  expect(await reading).toEqual([])
})

test('a dashboard hears who comes and goes, and what nodes report', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const live = await openLive(running)
  expect(await live.next()).toMatchObject({ kind: 'hello', coordinator: 'coordinator-under-test' })
  const socket = await ada.socket()
  expect(await live.until('node')).toMatchObject({ node: { id: ada.id, online: true } })
  const report = { state: 'idle' as const, cursor: 0, pendingUp: 0, pendingDown: 0, problems: [], transfer: null }
  socket.send({ kind: 'report', report: { folder: DEFAULT_FOLDER, ...report } })
  expect(await live.until('report')).toMatchObject({ node: ada.id, report: { state: 'idle' } })
  socket.close()
  expect(await live.until('node')).toMatchObject({ node: { id: ada.id, online: false } })
})

test('a message that is none is answered with what is wrong, and the socket lives on', async () => {
  await using running = await run()
  const live = await openLive(running)
  await live.next()
  for (const text of ['{', '{"subscribe":{"after":-1}}', '[]']) {
    live.send(text)
    expect(await live.next()).toMatchObject({ kind: 'error', code: 'bad-request' })
  }
  live.send('{"subscribe":{"after":0}}')
  await running.enrol('ada')
  expect(await live.until('event')).toMatchObject({ event: { kind: 'join', position: 1 } })
})

async function take(events: AsyncIterable<HistoryEvent>, count: number): Promise<HistoryEvent[]> {
  const taken: HistoryEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

async function openLive({ url }: Running) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  const waiting: string[] = []
  let wake: (() => void) | undefined
  socket.on('message', (data: Buffer) => {
    waiting.push(data.toString())
    wake?.()
  })
  await new Promise((resolve) => socket.once('open', resolve))
  async function next() {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return JSON.parse(waiting.shift() ?? '')
  }
  return {
    next,
    send: (text: string) => socket.send(text),
    async until(kind: string) {
      for (;;) {
        const message = await next()
        if (message.kind === kind) return message
      }
    },
  }
}
