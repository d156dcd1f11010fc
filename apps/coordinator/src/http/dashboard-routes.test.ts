import { createClient, type Client } from '@causeway/client'
import { LOG_START, type LiveMessage } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, DEFAULT_FOLDER, fileOf, handClock, run, type Running } from '../test-support/running.ts'

test('open invites are listed without their secrets, and one that was revoked enrols nobody', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const client = clientOf(running)
  const { link } = await client.invite({ folder: 'default', access: 'send-only', minutes: 10 })
  await client.invite({ folder: 'default', minutes: 60 })
  const listed = await client.invites()
  expect(listed).toMatchObject([
    { folders: ['default'], access: 'send-only' },
    { folders: ['default'], access: 'read-write' },
  ])
  expect(listed.every(({ id }) => !link.includes(id))).toBe(true)
  await client.revokeInvite(listed[0]?.id ?? '')
  expect(await client.invites()).toEqual(listed.slice(1))
  await expect(client.revokeInvite(listed[0]?.id ?? '')).rejects.toMatchObject({ code: 'not-found' })
  clock.advance(61 * 60_000)
  expect(await client.invites()).toEqual([])
})

test('the chunk map of a version tells what it took over from the one before', async () => {
  await using running = await run()
  const client = clientOf(running)
  const first = letters(2_000_000)
  const second = first.slice()
  second.fill(7, 1_000_000, 1_000_100)
  await client.upload(new Blob([first]), { path: 'big.bin', folder: DEFAULT_FOLDER })
  await client.upload(new Blob([second]), { path: 'big.bin', folder: DEFAULT_FOLDER })
  await client.move(DEFAULT_FOLDER, 'big.bin', 'moved.bin')
  const { versions } = await client.history(DEFAULT_FOLDER, { path: 'moved.bin' })
  const [renamed, edited, made] = versions.map(({ seq }) => seq)
  const map = await client.versionChunks(DEFAULT_FOLDER, edited ?? 0)
  expect(map).toMatchObject({ path: 'big.bin', sizeBytes: 2_000_000, previous: { seq: made, sizeBytes: 2_000_000 } })
  expect(map.totals.reused.bytes).toBeGreaterThan(1_000_000)
  expect(map.totals.edited.chunks).toBeGreaterThan(0)
  expect(map.runs.reduce((sum, { size }) => sum + size, 0)).toBe(2_000_000)
  // A rename has the content of the version before it: its map is the same.
  expect(await client.versionChunks(DEFAULT_FOLDER, renamed ?? 0)).toMatchObject({ runs: map.runs })
  const whole = await client.versionChunks(DEFAULT_FOLDER, made ?? 0)
  expect([whole.previous, whole.totals.new.bytes]).toEqual([null, 2_000_000])
  await expect(client.versionChunks(DEFAULT_FOLDER, 999)).rejects.toMatchObject({ code: 'not-found' })
})

test('how long commits took is told as histograms, also to the nodes they reached', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const socket = await bob.socket()
  await socket.next()
  await ada.save('one', 'one', 1)
  const { cursor } = await bob.changes()
  socket.send({ kind: 'saved', tookMs: [12] })
  socket.send({ kind: 'applied', folder: DEFAULT_FOLDER, cursor: { ...LOG_START, ...cursor } })
  let metrics = await client.metrics()
  while (metrics.latency.delivery.count === 0) metrics = await client.metrics()
  const { boundsMs, save, saveByNode, commit, fanOut, delivery, deliveryByNode } = metrics.latency
  expect(commit.counts).toHaveLength(boundsMs.length + 1)
  expect([save.count, commit.count, fanOut.count, delivery.count]).toEqual([1, 1, 1, 1])
  expect(metrics.saveLatencyMs).toEqual({ p50: 12, p99: 12 })
  expect(saveByNode).toMatchObject([{ node: bob.id, count: 1, p50: 12, p99: 12 }])
  expect(deliveryByNode).toMatchObject([{ node: bob.id, count: 1 }])
  expect(deliveryByNode[0]?.p99).toBe(delivery.sumMs)
  const HERE = 'coordinator="coordinator-under-test"'
  const text = await (
    await fetch(new URL('/metrics', running.url), { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  ).text()
  for (const name of ['save_to_commit', 'commit', 'fan_out', 'delivery'])
    expect(text).toContain(`causeway_${name}_seconds_count{${HERE}} 1`)
  expect(text).toContain(`causeway_delivery_recent_seconds{node="${bob.id}",quantile="0.99",${HERE}}`)
  expect(text).toContain(`causeway_save_to_commit_recent_seconds{node="${bob.id}",quantile="0.99",${HERE}} 0.012`)
})

test('what crossed is told to who watches, once it is noted', async () => {
  await using running = await run()
  const client = clientOf(running)
  const stop = new AbortController()
  const told = Promise.withResolvers<LiveMessage>()
  const following = client.live({
    after: 0,
    signal: stop.signal,
    message: (message) => void (message.kind === 'transfers' && told.resolve(message)),
    state: () => undefined,
  })
  const ada = await running.enrol('ada')
  await ada.save('one', 'one', 1)
  // Watching may begin after the first commit: what is noted later is told anyway.
  const writing = setInterval(() => void running.coordinator.measure.flush(), 20)
  for (let counter = 2; counter < 5; counter++) await ada.save(`${counter}`, `${counter}`, counter)
  const message = await told.promise
  clearInterval(writing)
  const noted = message.kind === 'transfers' ? message : undefined
  expect(noted?.transfers[0]).toMatchObject({ node: ada.id, direction: 'up', files: 1 })
  expect(noted?.noted).toBe(noted?.transfers.length)
  stop.abort()
  await following
})

function clientOf(running: Running): Client {
  return createClient({ url: running.url, token: ADMIN_TOKEN })
}

/** Bytes that no two stretches of share anything. */
function letters(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let seed = fileOf('seed').bytes.length
  for (let at = 0; at < size; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = seed >>> 16
  }
  return bytes
}
