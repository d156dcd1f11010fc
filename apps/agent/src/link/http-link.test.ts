import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CHUNK_FRAMES_TYPE,
  FolderIdSchema,
  LINK_VERSION,
  LOG_START,
  NodeIdSchema,
  decodeChunkFrames,
  encode,
  encodeBits,
  encodeChunkFrame,
  isSyncError,
  type ChunkId,
  type NamedBytes,
} from '@causeway/protocol'
import { contentHashOf, sha256 } from '../transfer/test-support/memory-link.ts'
import { createDialler } from './dialler.ts'
import { createHttpLink, type HttpLink } from './http-link.ts'

const folder = FolderIdSchema.parse('work')
const { privateKey } = generateKeyPairSync('ed25519')
const identity = {
  node: NodeIdSchema.parse('ash'),
  coordinator: 'the-coordinator',
  sign: (message: Uint8Array) => sign(null, message, privateKey),
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

let server: Server
let link: HttpLink
let answer: Handler
let calls: string[]
let validToken: string

beforeEach(async () => {
  calls = []
  validToken = 'a-token-that-is-good-now'
  server = createServer((request, response) => {
    void collect(request).then((body) => {
      calls.push(request.url ?? '')
      if (request.url === '/link/v1/challenge') {
        json(response, 200, {
          nonce: 'a-nonce-that-is-long-enough',
          coordinator: identity.coordinator,
          version: LINK_VERSION,
        })
      } else if (request.url === '/link/v1/session') {
        json(response, 200, { token: validToken, expiresAt: '2030-01-01T00:00:00Z', folders: [] })
      } else if (request.headers.authorization !== `Bearer ${validToken}`) {
        json(response, 401, { error: { code: 'not-signed-in', message: 'the session has ended' } })
      } else {
        answer(request, response, body)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  link = createHttpLink({ dialler: createDialler({ url: urlOf(server) }), identity, sleep: async () => undefined })
})

afterEach(async () => {
  await link.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const batch = encode({
  folder: 'work',
  reset: false,
  after: 0,
  cursor: { epoch: 'e', seq: 0, tag: '' },
  head: 0,
  clock: {},
  states: [],
  contents: [],
})

const MISBEHAVIOURS: readonly (readonly [string, string, Handler])[] = [
  [
    'an HTML page with status 200',
    'offline',
    (_q, r) => send(r, 200, 'text/html', Buffer.from('<h1>Welcome to the hotel</h1>')),
  ],
  [
    'an empty body with the right type',
    'protocol-mismatch',
    (_q, r) => send(r, 200, 'application/cbor', Buffer.alloc(0)),
  ],
  ['a message of another form', 'protocol-mismatch', (_q, r) => send(r, 200, 'application/cbor', encode({}))],
  ['an empty map in JSON', 'offline', (_q, r) => send(r, 200, 'application/json', Buffer.from('{}'))],
  ['status 204 without a body', 'offline', (_q, r) => void r.writeHead(204).end()],
  ['status 503 with a page', 'offline', (_q, r) => send(r, 503, 'text/html', Buffer.from('maintenance'))],
  ['status 404 with a page', 'offline', (_q, r) => send(r, 404, 'text/html', Buffer.from('not here'))],
  ['status 200 under another type', 'offline', (_q, r) => send(r, 200, 'application/octet-stream', batch)],
  ['status 206 with a good message', 'offline', (_q, r) => send(r, 206, 'application/cbor', batch)],
  [
    'bytes that do not inflate',
    'protocol-mismatch',
    (_q, r) => send(r, 200, 'application/cbor', batch, { 'content-encoding': 'zstd' }),
  ],
  [
    'a small body that inflates to much',
    'protocol-mismatch',
    (_q, r) =>
      send(r, 200, 'application/cbor', zstdCompressSync(new Uint8Array(8 * 1024 * 1024)), {
        'content-encoding': 'zstd',
      }),
  ],
  [
    'an encoding nobody asked for',
    'protocol-mismatch',
    (_q, r) => send(r, 200, 'application/cbor', batch, { 'content-encoding': 'br' }),
  ],
  [
    'a body that is cut short',
    'offline',
    (_q, r) => {
      r.writeHead(200, { 'content-type': 'application/cbor', 'content-length': batch.length })
      r.write(batch.subarray(0, 10), () => r.destroy())
    },
  ],
  ['a connection that is dropped', 'offline', (q) => void q.socket.destroy()],
  ['a refusal', 'halted', (_q, r) => json(r, 409, { error: { code: 'halted', message: 'a brake waits' } })],
  [
    'a refusal of a later version',
    'internal',
    (_q, r) => json(r, 409, { error: { code: 'from-the-future', message: 'new' } }),
  ],
]

test.each(MISBEHAVIOURS)('%s is never taken for an answer (%s)', async (_name, code, handler) => {
  answer = handler
  await expect(link.changes(folder, { cursor: LOG_START, limit: 10 })).rejects.toMatchObject({ code })
  await expect(link.missing(folder, [sha256(randomBytes(4))])).rejects.toMatchObject({ code })
  await expect(link.manifest(folder, contentHashOf(randomBytes(4)))).rejects.toMatchObject({ code })
  await expect(link.upload(folder, [named(randomBytes(40))])).rejects.toMatchObject({ code })
})

test.each(MISBEHAVIOURS)('%s is never taken for chunks', async (_name, _code, handler) => {
  answer = handler
  const failed = await all(link.fetch(folder, [sha256(randomBytes(4))])).catch((error: unknown) => error)
  expect(isSyncError(failed)).toBe(true)
})

test('a coordinator that is not there is offline', async () => {
  const nowhere = createHttpLink({
    dialler: createDialler({ url: 'http://127.0.0.1:9' }),
    identity,
    sleep: async () => undefined,
  })
  await expect(nowhere.changes(folder, { cursor: LOG_START, limit: 1 })).rejects.toMatchObject({ code: 'offline' })
  await nowhere.close()
})

test('a failing link is tried again a few times, a refusal is not', async () => {
  answer = (_q, r) => send(r, 503, 'text/html', Buffer.from('soon'))
  await link.changes(folder, { cursor: LOG_START, limit: 1 }).catch(() => undefined)
  expect(calls.filter((url) => url.endsWith('/changes'))).toHaveLength(4)
  calls = []
  answer = (_q, r) => json(r, 403, { error: { code: 'not-allowed', message: 'no' } })
  await link.changes(folder, { cursor: LOG_START, limit: 1 }).catch(() => undefined)
  expect(calls.filter((url) => url.endsWith('/changes'))).toHaveLength(1)
})

test('while the coordinator restarts, a call waits for it, for some seconds and not longer', async () => {
  let now = 0
  let tries = 0
  const sleep = async (ms: number) => void (now += ms)
  const restarting = createHttpLink({
    dialler: createDialler({ url: urlOf(server) }),
    identity,
    sleep,
    timers: { now: () => now },
  })
  answer = (_q, r) => (++tries > 6 ? send(r, 200, 'application/cbor', batch) : r.destroy())
  restarting.expectRestart()
  await restarting.changes(folder, { cursor: LOG_START, limit: 1 })
  expect(tries).toBe(7)

  answer = (_q, r) => r.destroy()
  await expect(restarting.changes(folder, { cursor: LOG_START, limit: 1 })).rejects.toMatchObject({ code: 'offline' })
  expect(now).toBeGreaterThanOrEqual(8_000)
  await restarting.close()
})

test('a link that was closed waits for no restart', async () => {
  const closing = createHttpLink({
    dialler: createDialler({ url: urlOf(server) }),
    identity,
    sleep: async () => undefined,
    timers: { now: () => 0 },
  })
  closing.expectRestart()
  answer = () => void closing.close()
  await expect(closing.changes(folder, { cursor: LOG_START, limit: 1 })).rejects.toMatchObject({ code: 'offline' })
})

test('a session that ended is renewed within the call, once for all calls', async () => {
  answer = (_q, r) => send(r, 200, 'application/cbor', batch)
  await link.changes(folder, { cursor: LOG_START, limit: 1 })
  validToken = 'another-token-that-is-good'
  calls = []
  await Promise.all([1, 2, 3].map(() => link.changes(folder, { cursor: LOG_START, limit: 1 })))
  expect(calls.filter((url) => url === '/link/v1/session')).toHaveLength(1)
})

test('a large message travels compressed, and a compressed answer is read', async () => {
  let received: Uint8Array = new Uint8Array(0)
  answer = (request, response, body) => {
    expect(request.headers['content-encoding']).toBe('zstd')
    received = body
    send(response, 200, 'application/cbor', zstdCompressSync(encode({ missing: new Uint8Array(125) })), {
      'content-encoding': 'zstd',
    })
  }
  const hash = sha256(randomBytes(4))
  expect(
    await link.missing(
      folder,
      Array.from({ length: 1000 }, () => hash),
    ),
  ).toEqual([])
  expect(received.length).toBeLessThan(10_000)
})

test('the chunks that are missing are told by their places in the question, and for no other number of them', async () => {
  const hashes = Array.from({ length: 9 }, () => sha256(randomBytes(4)))
  answer = (_q, r) => send(r, 200, 'application/cbor', encode({ missing: Uint8Array.of(0b110, 1) }))
  expect(await link.missing(folder, hashes)).toEqual([hashes[1], hashes[2], hashes[8]])
  await expect(link.missing(folder, hashes.slice(1))).rejects.toMatchObject({ code: 'protocol-mismatch' })
})

test('chunks arrive as they were sent, compressed where that pays', async () => {
  const chunks = [named(Buffer.from('words '.repeat(9000))), named(randomBytes(50_000)), named(randomBytes(3))]
  answer = (_request, response, body) => {
    void frames(body).then((sent) => {
      areCompressed = sent.map(({ compressed }) => compressed)
      held = sent.map(encodeChunkFrame)
      send(response, 200, 'application/cbor', encode({ stored: sent.length }))
    })
  }
  let held: Uint8Array[] = []
  let areCompressed: boolean[] = []
  await link.upload(folder, chunks)
  expect(areCompressed).toEqual([true, false, false])
  answer = (_q, r) => send(r, 200, CHUNK_FRAMES_TYPE, Buffer.concat(held))
  expect(
    await all(
      link.fetch(
        folder,
        chunks.map(({ hash }) => hash),
      ),
    ),
  ).toEqual(chunks.map(({ hash, bytes }) => ({ hash, bytes: Buffer.from(bytes) })))
})

test('an upload of which the coordinator took less is an error', async () => {
  answer = (_q, r) => send(r, 200, 'application/cbor', encode({ stored: 0 }))
  await expect(link.upload(folder, [named(randomBytes(9))])).rejects.toMatchObject({ code: 'protocol-mismatch' })
})

test('a fetch that broke off goes on behind what has come', async () => {
  const chunks = [1, 2, 3, 4].map(() => named(randomBytes(100)))
  const frame = (chunk: NamedBytes) => encodeChunkFrame({ ...chunk, size: chunk.bytes.length, compressed: false })
  let asked = 0
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE, 'transfer-encoding': 'chunked' })
    const rest = chunks.slice(asked++ * 2)
    const bytes = Buffer.concat(rest.map(frame))
    if (asked === 1) response.write(bytes.subarray(0, bytes.length / 2 + 10), () => response.destroy())
    else response.end(bytes)
  }
  const got = await all(
    link.fetch(
      folder,
      chunks.map(({ hash }) => hash),
    ),
  )
  expect(got.map(({ hash }) => hash)).toEqual(chunks.map(({ hash }) => hash))
  expect(asked).toBe(2)
})

test.each<[string, (chunk: NamedBytes) => Uint8Array]>([
  ['other bytes', ({ hash }) => encodeChunkFrame({ hash, size: 5, compressed: false, bytes: Buffer.from('wrong') })],
  [
    'bytes that do not inflate',
    ({ hash }) => encodeChunkFrame({ hash, size: 50, compressed: true, bytes: Buffer.from('wrong') }),
  ],
  [
    'bytes that inflate to more than they claim',
    ({ hash, bytes }) => encodeChunkFrame({ hash, size: 30, compressed: true, bytes: zstdCompressSync(bytes) }),
  ],
])('a chunk with %s is corrupt', async (_name, forge) => {
  const chunk = named(Buffer.alloc(100_000, 'x'))
  answer = (_q, r) => send(r, 200, CHUNK_FRAMES_TYPE, forge(chunk))
  await expect(all(link.fetch(folder, [chunk.hash]))).rejects.toMatchObject({ code: 'chunk-corrupt' })
})

test('a chunk that was not asked for is refused', async () => {
  const other = named(randomBytes(8))
  answer = (_q, r) => send(r, 200, CHUNK_FRAMES_TYPE, encodeChunkFrame({ ...other, size: 8, compressed: false }))
  await expect(all(link.fetch(folder, [sha256(randomBytes(8))]))).rejects.toMatchObject({ code: 'protocol-mismatch' })
})

test('a coordinator of another identity is refused', async () => {
  const stranger = createHttpLink({
    dialler: createDialler({ url: urlOf(server) }),
    identity: { ...identity, coordinator: 'another' },
  })
  await expect(stranger.changes(folder, { cursor: LOG_START, limit: 1 })).rejects.toMatchObject({ code: 'not-allowed' })
  await stranger.close()
})

function named(bytes: Uint8Array): NamedBytes {
  return { hash: sha256(bytes), bytes }
}

async function all(chunks: AsyncIterable<NamedBytes>): Promise<{ hash: ChunkId; bytes: Uint8Array }[]> {
  const list: { hash: ChunkId; bytes: Uint8Array }[] = []
  for await (const { hash, bytes } of chunks) list.push({ hash, bytes: Buffer.from(bytes) })
  return list
}

async function frames(body: Buffer) {
  const list = []
  for await (const frame of decodeChunkFrames(
    (async function* () {
      yield body
    })(),
  ))
    list.push(frame)
  return list
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, ...headers }).end(body)
}

function json(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)))
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function urlOf(listening: Server): string {
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return `http://127.0.0.1:${address.port}`
}

test('a call whose answer never comes begins again once the connections are known to be dead', async () => {
  let asked = 0
  answer = (_request, response) => {
    asked++
    if (asked === 1) link.dropConnections()
    else send(response, 200, 'application/cbor', encode({ missing: encodeBits([false]) }))
  }
  expect(await link.missing(folder, [sha256(Buffer.from('a'))])).toEqual([])
  expect(asked).toBe(2)
})
