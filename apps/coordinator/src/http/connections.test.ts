import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { makeCertificate } from '@causeway/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import WebSocket from 'ws'
import { ADMIN_TOKEN, run, type Running } from '../test-support/running.ts'
import { CONNECTION_LIMITS, createConnections, type ConnectionLimits } from './connections.ts'
import { MOST_PAGES } from './page-socket.ts'

test('of the connections that a stranger holds, the oldest give way to new ones', async () => {
  await using running = await limited({ strangersPerAddress: 3 })
  const held = await Promise.all([opened(running), opened(running), opened(running)])
  expect(await statusesOver(held)).toEqual([200, 200, 200])
  const [oldest] = held
  const closed = once(oldest ?? new WebSocket(''), 'close')
  const fourth = await opened(running)
  await closed
  expect(await statusesOver([...held.slice(1), fourth])).toEqual([200, 200, 200])
})

test('whoever has shown who they are is no stranger any more', async () => {
  await using running = await limited({ strangersPerAddress: 2, strangers: 2 })
  const admin = await opened(running)
  expect(await statusOver(admin, '/api/v1/folders', ADMIN_TOKEN)).toBe(200)
  for (let more = 0; more < 6; more++) expect(await statusOver(await opened(running), '/health')).toBe(200)
  // A wrong secret shows nothing.
  const guessing = await opened(running)
  expect(await statusOver(guessing, '/api/v1/folders', 'a wrong token')).toBe(401)
  const closed = once(guessing, 'close')
  await Promise.all([opened(running), opened(running)])
  await closed
  expect(await statusOver(admin, '/api/v1/folders', ADMIN_TOKEN)).toBe(200)
})

test('strangers are bounded over all addresses and both ports, too', async () => {
  await using running = await limited({ strangers: 2 })
  const first = await opened(running)
  const closed = once(first, 'close')
  await opened(running)
  await opened({ url: running.dashboardUrl })
  await closed
  expect(running.app.connections.count).toBe(2)
})

test('one address holds only so many connections, whoever is behind them', async () => {
  await using running = await limited({ perAddress: 2 })
  const held = await Promise.all([opened(running), opened(running)])
  for (const wire of held) expect(await statusOver(wire, '/api/v1/folders', ADMIN_TOKEN)).toBe(200)
  await once(await opened(running), 'close')
  expect(await statusOver(held[0], '/health')).toBe(200)
})

test('where there is room for no more, strangers make it, and known ones do not', async () => {
  await using running = await limited({ inAll: 2 })
  const stranger = await opened(running)
  const admin = await opened(running)
  expect(await statusOver(admin, '/api/v1/folders', ADMIN_TOKEN)).toBe(200)
  const closed = once(stranger, 'close')
  const other = await opened(running)
  await closed
  expect(await statusOver(other, '/api/v1/folders', ADMIN_TOKEN)).toBe(200)
  await once(await opened(running), 'close')
  expect(await statusesOver([admin, other])).toEqual([200, 200])
})

test('a trusted proxy stands for many, and is bound by what there may be in all', async () => {
  const limits = { ...CONNECTION_LIMITS, perAddress: 1, strangersPerAddress: 1, strangers: 3 }
  const connections = createConnections({ trustedProxies: ['127.0.0.0/8'], limits })
  await using running = await run({ connections, trustedProxies: ['127.0.0.0/8'] })
  const held = await Promise.all([opened(running), opened(running), opened(running)])
  expect(await statusesOver(held)).toEqual([200, 200, 200])
  await opened(running)
  await vi.waitUntil(() => held.some((wire) => wire.destroyed))
})

test('whoever sends a header drop by drop is cut off; whoever has asked once may ask again', async () => {
  await using running = await limited({ firstRequestMs: 2_000 })
  const asking = await opened(running)
  expect(await statusOver(asking, '/health')).toBe(200)
  const slow = await opened(running)
  const drops = setInterval(() => void slow.write('x'), 50)
  slow.write('GET /health HTTP/1.1\r\nhost: localhost\r\nx-long: ')
  await once(slow, 'close')
  clearInterval(drops)
  expect(slow.bytesRead).toBe(0)
  expect(await statusOver(asking, '/health')).toBe(200)
})

test('headers of the largest size are read, and larger ones are not', async () => {
  await using running = await run()
  const sized = async (size: number) => statusOver(await opened(running), '/health', 'x'.repeat(size))
  expect([await sized(15 * 1024), await sized(17 * 1024)]).toEqual([200, 431])
})

test('over TLS the handshake counts, and a known connection is known by its ends', async () => {
  const connections = createConnections({
    limits: { ...CONNECTION_LIMITS, strangersPerAddress: 1, firstRequestMs: 2_000 },
  })
  const server = createServer(await makeCertificate(), (request, response) => {
    connections.heard(request.socket)
    if (request.url === '/known') connections.known(request.socket)
    response.end('here')
  })
  connections.watch(server)
  server.listen(0, '127.0.0.1')
  onTestFinished(() => server.closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const known = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(known, 'secureConnect')
  expect(await statusOver(known, '/known')).toBe(200)
  const halfway = connect(port, '127.0.0.1')
  await once(halfway, 'connect')
  halfway.write(Buffer.from([0x16, 0x03, 0x01]))
  await once(halfway, 'close')
  const stranger = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(stranger, 'secureConnect')
  expect(await statusOver(known, '/')).toBe(200)
  server.close()
})

test('a person keeps only their newest pages', async () => {
  await using running = await run()
  const page = async () => {
    const socket = new WebSocket(new URL('/ws', running.url), { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    await once(socket, 'open')
    return socket
  }
  const first = await page()
  const closed = once(first, 'close')
  for (let more = 0; more < MOST_PAGES; more++) await page()
  expect((await closed)[0]).toBe(4409)
})

function limited(limits: Partial<ConnectionLimits>): Promise<Running> {
  // What is not under test must not end a connection, either.
  const patient = { ...CONNECTION_LIMITS, firstRequestMs: 3_600_000 }
  return run({ connections: createConnections({ limits: { ...patient, ...limits } }) })
}

async function opened({ url }: { readonly url: string }): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const wire = connect(Number(port), hostname)
  wire.on('error', () => undefined)
  await once(wire, 'connect')
  return wire
}

async function statusOver(wire: Socket | undefined, path: string, token?: string): Promise<number> {
  if (wire === undefined) throw new Error('there is no connection')
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  const answered = once(wire, 'data')
  wire.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${authorization}\r\n`)
  const [bytes] = await answered
  return Number(String(bytes).split(' ')[1])
}

async function statusesOver(wires: readonly Socket[]): Promise<number[]> {
  return Promise.all(wires.map((wire) => statusOver(wire, '/health')))
}
