import type { AddressInfo, Server } from 'node:net'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createClient } from '@causeway/client'
import { KeyPinSchema, OTHER_KEY } from '@causeway/protocol'
import { makeCertificate, type TestCertificate } from '@causeway/testkit'
import { createDialler, type Dialler } from './dialler.ts'
import { createHttpExchange } from './http-exchange.ts'

const [own, foreign] = await Promise.all([makeCertificate(), makeCertificate()])
const GOOD = { method: 'POST', path: '/link/v1/session', headers: { authorization: 'Bearer secret' } } as const

let heard: string[]
const closers: (() => void)[] = []

beforeEach(() => {
  heard = []
})

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

test('a coordinator with the pinned key is spoken to, whatever its certificate says', async () => {
  const dialler = createDialler({ url: await serve(own), pins: [own.pin] })
  expect(await over.http(dialler)).toBe('taken')
  expect(await over.fetch(dialler)).toBe('taken')
  expect(await over.socket(dialler)).toBe('taken')
  expect(heard).toEqual(['POST /link/v1/session', 'GET /api/v1/folders', 'upgrade /link/v1/socket'])
})

test('an expired certificate for the pinned key is no obstacle: there is nothing that it vouches for', async () => {
  const old = await makeCertificate({ until: '2021-01-01' })
  expect(await over.http(createDialler({ url: await serve(old), pins: [old.pin] }))).toBe('taken')
})

test.each(['http', 'fetch', 'socket'] as const)(
  'over %s, a server with another key is refused and hears nothing: no path, no token',
  async (way) => {
    const dialler = createDialler({ url: await serve(foreign), pins: [own.pin] })
    expect(await over[way](dialler)).toBe(OTHER_KEY)
    expect(heard).toEqual([])
  },
)

test.each(['http', 'fetch', 'socket'] as const)(
  'over %s, a server without TLS is refused and hears nothing',
  async (way) => {
    const dialler = createDialler({ url: await servePlain(), pins: [own.pin] })
    expect(await over[way](dialler)).not.toBe('taken')
    expect(heard).toEqual([])
  },
)

test.each(['http', 'fetch', 'socket'] as const)(
  'over %s, without a pin a certificate that nobody vouches for is refused',
  async (way) => {
    const dialler = createDialler({ url: await serve(own) })
    expect(await over[way](dialler)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(heard).toEqual([])
  },
)

test('pins at an address without TLS are refused before anything is dialled', () => {
  expect(() => createDialler({ url: 'http://127.0.0.1:1', pins: [own.pin] })).toThrow(/without TLS/)
  const open = createDialler({ url: 'http://127.0.0.1:1' })
  expect(() => open.repin([own.pin])).toThrow(/without TLS/)
})

test('of two pins either will do, and what is pinned anew holds for the next connection of a pool that is open', async () => {
  const dialler = createDialler({ url: await serve(own), pins: [foreign.pin, own.pin] })
  const exchange = createHttpExchange({ dialler })
  closers.push(() => void exchange.close())
  expect((await exchange.send(GOOD)).status).toBe(200)
  dialler.repin([KeyPinSchema.parse('x'.repeat(43))])
  exchange.dropConnections()
  await expect(exchange.send(GOOD)).rejects.toMatchObject({
    code: 'offline',
    message: expect.stringContaining('does not have the key that this node was given when it joined'),
  })
})

/** How a request by each way ends: `taken`, or the code of what kept it from being sent. */
const over = {
  async http(dialler: Dialler): Promise<string> {
    const pool = dialler.pool({ connectTimeoutMs: 5_000, connections: 1 })
    closers.push(() => void pool.destroy())
    return pool.request(GOOD).then(() => 'taken', codeOf)
  },
  async fetch({ url, fetch }: Dialler): Promise<string> {
    const client = createClient({ url, token: 'secret', fetch })
    return client.folders().then(
      () => 'taken',
      (error: Error) => codeOf(error.cause),
    )
  },
  socket: (dialler: Dialler): Promise<string> =>
    new Promise((resolve) => {
      const headers = { authorization: 'Bearer secret' }
      const socket = dialler.openWebSocket('/link/v1/socket', { headers, handshakeTimeout: 5_000 })
      closers.push(() => socket.terminate())
      socket.on('open', () => resolve('taken'))
      socket.on('error', (error) => resolve(codeOf(error)))
    }),
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : codeOf(error.cause)
}

const answer: RequestListener = (request, response) => {
  heard.push(`${request.method} ${request.url}`)
  response.setHeader('content-type', 'application/json').end('[]')
}

function serve({ key, cert }: TestCertificate): Promise<string> {
  return listen(createHttpsServer({ key, cert }, answer), 'https')
}

function servePlain(): Promise<string> {
  return listen(createHttpServer(answer), 'https')
}

async function listen(server: ReturnType<typeof createHttpServer>, scheme: string): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    heard.push(`upgrade ${request.url}`)
    sockets.handleUpgrade(request, socket, head, () => undefined)
  })
  closers.push(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `${scheme}://127.0.0.1:${portOf(server)}`
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return address.port
}
