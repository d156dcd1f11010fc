import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  CHUNK_FRAMES_TYPE,
  FolderIdSchema,
  LINK_VERSION,
  NodeIdSchema,
  PLAIN,
  encode,
  encodeBits,
  encodeChunkFrame,
} from '@causeway/protocol'
import { sha256 } from '../transfer/test-support/memory-link.ts'
import { createDialler } from './dialler.ts'
import { createHttpExchange } from './http-exchange.ts'
import { createHttpLink } from './http-link.ts'
import { createSocketOfLink } from './socket-of-link.ts'

const folder = FolderIdSchema.parse('work')
const { privateKey } = generateKeyPairSync('ed25519')
const identity = {
  node: NodeIdSchema.parse('ash'),
  coordinator: 'the-coordinator',
  sign: (message: Uint8Array) => sign(null, message, privateKey),
}
const SIGN_IN: Record<string, object> = {
  '/link/v1/challenge': { nonce: 'long-enough-a-nonce', coordinator: identity.coordinator, version: LINK_VERSION },
  '/link/v1/session': { token: 'a-token-that-is-good-now', expiresAt: '2030-01-01T00:00:00Z', folders: [] },
}
const BYTES = Buffer.from('a chunk')
const FRAME = encodeChunkFrame({ hash: sha256(BYTES), bytes: BYTES, size: BYTES.length, compressed: false })

/** The line swallows whatever is sent over it, and no connection ever ends. */
let isSwallowed = false
/** The requests that were answered with nothing, or with a part. */
const swallowed: string[] = []
const peers: WebSocket[] = []

const server = createServer((request, response) => {
  const url = request.url ?? ''
  const told = SIGN_IN[url]
  request.resume()
  if (told !== undefined) return json(response, told)
  if (isSwallowed) {
    swallowed.push(url)
    if (url.endsWith('/fetch')) beginFrames(response).write(FRAME.subarray(0, 10))
    if (swallowed.length === 2) heal()
    return
  }
  if (url.endsWith('/fetch')) return void beginFrames(response).end(FRAME)
  response.writeHead(200, { 'content-type': 'application/cbor' }).end(encode({ missing: encodeBits([false]) }))
})
const sockets = new WebSocketServer({ server, autoPong: false })
sockets.on('connection', (peer) => {
  peers.push(peer)
  // From the second on the line is good again.
  if (peers.length > 1) peer.on('ping', () => peer.pong())
  const welcome = { kind: 'welcome', version: LINK_VERSION, coordinator: identity.coordinator, node: 'ash' }
  peer.send(Buffer.concat([Buffer.of(PLAIN), encode(welcome)]))
})

afterEach(async () => {
  for (const peer of sockets.clients) peer.terminate()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('requests that a dead line has swallowed begin again when the socket has noticed, however long they may wait', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dialler = createDialler({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  // No request ever ends because of its own silence.
  const exchange = createHttpExchange({ dialler, silenceTimeoutMs: 0 })
  const link = createHttpLink({ dialler, identity, exchange, sleep: async () => undefined })
  let ups = 0
  const socket = createSocketOfLink(link, { dialler, heartbeatMs: 50, reconnect: { firstMs: 1, limitMs: 5 } })
  isSwallowed = true
  socket.start({ up: () => (ups += 1), down: () => undefined, message: () => undefined, unreadable: () => undefined })
  const asked = link.missing(folder, [sha256(BYTES)])
  const fetched = allOf(link.fetch(folder, [sha256(BYTES)]))
  expect(await asked).toEqual([])
  expect((await fetched).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['a chunk'])
  expect(swallowed).toHaveLength(2)
  expect(ups).toBeGreaterThan(1)
  await socket.stop()
  await link.close()
})

function heal(): void {
  isSwallowed = false
}

function beginFrames(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE, 'transfer-encoding': 'chunked' })
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
