import { request } from 'node:http'
import { writeFile } from 'node:fs/promises'
import { MetricsSchema, FilesResponseSchema } from '@causeway/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { eventsAfter, get, lastPosition, post } from './support/api.ts'
import { eventually } from './support/eventually.ts'
import { converged, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { LiveEvents } from './support/live.ts'

const fleet = shared(startFleet)

const REGISTRATION = {
  node_id: 'node-1',
  name: 'Laptop',
  address: '127.0.0.1',
  port: 8001,
  watch_directories: ['/home/user/Documents'],
  capabilities: ['sync', 'watch'],
}

test("the original interface's registration works as written, and may be repeated", async () => {
  const { coordinator } = fleet()
  for (let i = 0; i < 2; i++) {
    const { status, body } = await post(coordinator, '/api/register', REGISTRATION)
    expect(Math.floor(status / 100), `the answer was ${status}: ${JSON.stringify(body)}`).toBe(2)
  }
  const listed = JSON.stringify(await get(coordinator, '/api/nodes', z.unknown()))
  expect(listed.split('"node-1"').length - 1).toBeGreaterThan(0)
  for (const name of ['ash', 'birch', 'cedar']) expect(listed).toContain(`"${name}"`)
})

test('a registration that does not fit is refused and says which field', async () => {
  const { status, body } = await post(fleet().coordinator, '/api/register', { ...REGISTRATION, port: 'eighty' })
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain('port')
})

test('a file uploaded for an owner node appears on the nodes and is downloaded with the same bytes', async () => {
  const { coordinator, birch } = fleet()
  await post(coordinator, '/api/register', REGISTRATION)
  const form = new FormData()
  form.set('owner_node', 'node-1')
  form.set('folder', 'work')
  form.set('path', 'uploaded/report.txt')
  form.set('file', new Blob(['sent over HTTP']), 'report.txt')
  const response = await fetch(`${coordinator.url}/api/files/upload`, { method: 'POST', body: form })
  expect(response.ok, `the answer was ${response.status}: ${await response.text()}`).toBe(true)
  await eventually('the upload is on a disk', async () => {
    expect(await birch.view('uploaded')).toEqual({ 'report.txt': 'sent over HTTP' })
  })

  const { files } = await get(coordinator, '/api/files', FilesResponseSchema, { folder: 'work', prefix: 'uploaded' })
  expect(files.map(({ path, size }) => ({ path, size }))).toEqual([{ path: 'uploaded/report.txt', size: 14 }])
  const download = await fetch(`${coordinator.url}/api/files/${files[0]?.id}/download?folder=work`)
  expect(await download.text()).toBe('sent over HTTP')
  const events = await eventsAfter(coordinator, 0)
  expect(events.find(({ path }) => path === 'uploaded/report.txt')?.reason).toContain('node-1')
})

test('the metrics count what happened', async () => {
  const { coordinator, ash, nodes } = fleet()
  const before = await get(coordinator, '/api/metrics', MetricsSchema)
  await writeFile(ash.path('measured.txt'), 'measured')
  await converged(nodes)
  const after = await get(coordinator, '/api/metrics', MetricsSchema)
  expect(after.nodes.online).toBe(3)
  expect(after.files).toBe(before.files + 1)
  expect(after.bytes).toBe(before.bytes + 8)
  expect(after.operations.accepted).toBeGreaterThan(before.operations.accepted)
  expect(after.wire.bytesIn).toBeGreaterThan(before.wire.bytesIn)
})

test('a save on a node is timed there until its commit stands, and what it took is told', async () => {
  const { coordinator, ash, nodes } = fleet()
  await converged(nodes)
  const before = await savesOf('ash')
  await writeFile(ash.path('timed.txt'), 'timed')
  await eventually('the save is counted', async () => {
    const { count, p50 } = await savesOf('ash')
    expect(count).toBeGreaterThan(before.count)
    expect(p50).toBeGreaterThan(0)
  })
  const { latency, saveLatencyMs } = await get(coordinator, '/api/metrics', MetricsSchema)
  expect(latency.save.count).toBeGreaterThan(before.count)
  expect(saveLatencyMs.p99).toBeGreaterThan(0)
})

test('the OpenAPI description names the routes, and /docs shows it', async () => {
  const { coordinator } = fleet()
  const docs = await fetch(`${coordinator.url}/docs`)
  expect(docs.status).toBe(200)
  expect(docs.headers.get('content-type')).toContain('text/html')
  const description = JSON.stringify(await get(coordinator, '/docs/json', z.unknown()))
  for (const route of ['/api/register', '/api/nodes', '/api/files', '/api/metrics'])
    expect(description).toContain(`"${route}"`)
})

test('/ws replays events over a reconnect without gap or repeat', async () => {
  const { coordinator, ash } = fleet()
  const start = await lastPosition(coordinator)
  const first = await LiveEvents.open(coordinator, start)
  for (let i = 0; i < 30; i++) await writeFile(ash.path(`live-${i}.txt`), `live ${i}`)
  await eventually('some events came', () => expect(first.events.length).toBeGreaterThan(3))
  // Cut in the middle of the stream; more happens while nobody listens.
  await first.close()
  const seen = [...first.events]
  for (let i = 30; i < 60; i++) await writeFile(ash.path(`live-${i}.txt`), `live ${i}`)
  await ash.wait()

  const second = await LiveEvents.open(coordinator, seen.at(-1)?.position ?? start)
  await writeFile(ash.path('live-60.txt'), 'live 60')
  await eventually('the last event came', () =>
    expect(second.events.some(({ path }) => path === 'live-60.txt')).toBe(true),
  )
  await second.close()

  const streamed = [...seen, ...second.events].map(({ position }) => position)
  const kept = (await eventsAfter(coordinator, start)).map(({ position }) => position)
  expect(streamed).toEqual(kept.slice(0, streamed.length))
  expect([...seen, ...second.events].filter(({ path }) => path?.startsWith('live-'))).toHaveLength(61)
})

test('any two events have an order: one node is in sequence, and what it had seen came before', async () => {
  const { coordinator, ash, birch, nodes } = fleet()
  const start = await lastPosition(coordinator)
  await writeFile(ash.path('order-1.txt'), 'one')
  await ash.wait()
  await writeFile(ash.path('order-2.txt'), 'two')
  await converged(nodes)
  await writeFile(birch.path('order-3.txt'), 'three')
  await birch.wait()
  const events = await eventsAfter(coordinator, start)
  const position = (path: string): number => events.find((event) => event.path === path)?.position ?? 0
  const order = async (a: string, b: string): Promise<string> => {
    const answer = await get(coordinator, '/api/v1/events/order', z.object({ order: z.string() }), {
      a: position(a),
      b: position(b),
    })
    return answer.order
  }
  expect(await order('order-1.txt', 'order-2.txt')).toBe('before')
  expect(await order('order-3.txt', 'order-1.txt')).toBe('after')
  expect(await order('order-2.txt', 'order-2.txt')).toBe('equal')

  const apart = await lastPosition(coordinator)
  await coordinator.whilePaused(async () => {
    await writeFile(ash.path('order-4.txt'), 'four')
    await writeFile(birch.path('order-5.txt'), 'five')
    // Both must have begun to send before either can hear of the other.
    await sleep(1500)
  })
  await converged(nodes)
  events.push(...(await eventsAfter(coordinator, apart)))
  expect(await order('order-4.txt', 'order-5.txt')).toBe('concurrent')
})

test('a request for another host is refused: a page elsewhere cannot reach it by DNS rebinding', async () => {
  const { coordinator } = fleet()
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${coordinator.url}/api/nodes`, { headers: { host: 'attacker.example' } }, (response) =>
      resolve(response.statusCode),
    )
      .once('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

/** What a node has told of its saves; its id begins with its name. */
async function savesOf(name: string): Promise<{ readonly count: number; readonly p50: number | null }> {
  const { latency } = await get(fleet().coordinator, '/api/metrics', MetricsSchema)
  return latency.saveByNode.find(({ node }) => node.startsWith(`${name}-`)) ?? { count: 0, p50: null }
}
