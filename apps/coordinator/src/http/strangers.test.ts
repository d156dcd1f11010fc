import { connect, type Socket } from 'node:net'
import { zstdCompressSync } from 'node:zlib'
import { CHUNK_FRAMES_TYPE, encode, LIMITS } from '@causeway/protocol'
import { expect, test, vi } from 'vitest'
import { ADMIN_TOKEN, json, run, type Running } from '../test-support/running.ts'

const PUBLIC_POSTS = ['/link/v1/challenge', '/link/v1/session', '/api/v1/enrol', '/api/v1/session']

test('whoever has not signed in may send small JSON, and nothing else is read', async () => {
  await using running = await run()
  for (const path of PUBLIC_POSTS) {
    const post = (body: Uint8Array | string, headers: Record<string, string>) =>
      fetch(running.url + path, { method: 'POST', body: Buffer.from(body), headers })
    const large = JSON.stringify({ token: 'x'.repeat(LIMITS.strangerBytes) })
    const bomb = zstdCompressSync(encode({ node: 'x'.repeat(1024 * 1024) }))
    const answers = [
      await post(large, { 'content-type': 'application/json' }),
      await post(encode({ node: 'ada' }), { 'content-type': 'application/cbor' }),
      await post(bomb, { 'content-type': 'application/cbor', 'content-encoding': 'zstd' }),
      await post(zstdCompressSync('{}'), { 'content-type': 'application/json', 'content-encoding': 'zstd' }),
    ]
    expect([path, ...answers.map(({ status }) => status)]).toEqual([path, 413, 400, 400, 400])
  }
})

test('a stranger who does not say how long the body will be is cut off at the same size', async () => {
  await using running = await run()
  const wire = await opened(running)
  wire.write(head('/api/v1/session', { 'transfer-encoding': 'chunked' }))
  const piece = 'x'.repeat(1024)
  for (let sent = 0; sent <= LIMITS.strangerBytes; sent += piece.length) wire.write(`400\r\n${piece}\r\n`)
  expect(await firstLine(wire)).toContain('413')
  wire.destroy()
})

test('a stranger who is slow to send is cut off', async () => {
  await using running = await run({ strangersMs: 50 })
  const wire = await opened(running)
  wire.write(head('/api/v1/session', { 'content-length': '20' }))
  await new Promise((resolve) => wire.once('close', resolve))
  expect(wire.bytesRead).toBe(0)
})

test('a small body that inflates to much is refused, whoever sends it', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const packed = zstdCompressSync(new Uint8Array(8 * 1024 * 1024))
  const response = await ada.call('commit', packed, { 'content-encoding': 'zstd' })
  expect([response.status, (await json(response)).error.code]).toEqual([413, 'too-large'])
})

test('the requests that one node holds open are bounded, and no other node is held up by them', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const headers = { authorization: `Bearer ${ada.token}`, 'content-type': 'application/cbor', 'content-length': '100' }
  const held = await Promise.all(Array.from({ length: 64 }, () => opened(running)))
  for (const wire of held) wire.write(head('/link/v1/folders/default/changes', headers))
  await vi.waitUntil(async () => (await ada.call('changes', encode({}))).status === 429)
  expect((await bob.changes()).states).toEqual([])
  for (const wire of held) wire.destroy()
  await vi.waitUntil(async () => (await ada.call('changes', encode({}))).status === 400)
})

test('whoever hangs up while a large message waits for its turn leaves the turn to the next', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const type = 'application/cbor'
  const headers = { authorization: `Bearer ${ada.token}`, 'content-type': type, 'content-length': '100000' }
  const large = (): Promise<Response> => ada.call('commit', new Uint8Array(100_000))
  const send = async (): Promise<Socket> => {
    const wire = await opened(running)
    const asked = new Promise((resolve) => running.app.server.once('request', resolve))
    wire.write(head('/link/v1/folders/default/commit', headers))
    await asked
    return wire
  }
  const held = [await send(), await send()]
  const gone = [await send(), await send(), await send()]
  const waiting = large()
  await hungUp(running, gone)
  await hungUp(running, held)
  expect([(await waiting).status, (await large()).status, (await large()).status]).toEqual([400, 400, 400])
})

test('an upload that is cut off is no failure of the coordinator', async () => {
  await using running = await run()
  const failures: unknown[] = []
  vi.spyOn(running.coordinator.context.log, 'error').mockImplementation((details) => void failures.push(details))
  const form = ['--cut', 'Content-Disposition: form-data; name="file"; filename="a.txt"', '', 'half a fi'].join('\r\n')
  const whole = await fetch(`${running.url}/api/files/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'multipart/form-data; boundary=cut' },
    body: form,
  })
  expect([whole.status, (await json(whole)).error.code]).toEqual([400, 'bad-request'])

  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-length': '100000' }
  const types = ['multipart/form-data; boundary=cut', CHUNK_FRAMES_TYPE, 'application/json']
  const paths = ['/api/files/upload', '/api/v1/folders/default/uploads/chunks', '/api/v1/folders']
  for (const [at, type] of types.entries()) {
    const answered = Promise.withResolvers<void>()
    running.app.server.once('request', (_request, response) => response.once('close', answered.resolve))
    const wire = await opened(running)
    wire.write(head(paths[at] ?? '', { ...headers, 'content-type': type }) + form)
    await new Promise((resolve) => setImmediate(resolve))
    wire.destroy()
    await answered.promise
  }
  // The answer to the last one has been written, or there was nobody to write it to.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(failures).toEqual([])
})

async function opened({ url }: Running): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const wire = connect(Number(port), hostname)
  wire.on('error', () => {})
  await new Promise((resolve) => wire.once('connect', resolve))
  return wire
}

/** Cuts the connections, and waits until the coordinator has noticed. */
async function hungUp({ app }: Running, wires: readonly Socket[]): Promise<void> {
  const open = (): Promise<number> => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)))
  const left = (await open()) - wires.length
  for (const wire of wires) wire.resetAndDestroy()
  await vi.waitUntil(async () => (await open()) <= left)
}

function head(path: string, headers: Record<string, string>): string {
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers }
  return `POST ${path} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
}

async function firstLine(wire: Socket): Promise<string> {
  const bytes = await new Promise<Buffer>((resolve) => wire.once('data', resolve))
  return bytes.toString().split('\r\n')[0] ?? ''
}
