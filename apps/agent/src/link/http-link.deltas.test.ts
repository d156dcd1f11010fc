import { createServer, type Server, type ServerResponse } from 'node:http'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  DeltasRequestSchema,
  FolderIdSchema,
  LINK_VERSION,
  NodeIdSchema,
  PATCH_TYPE,
  SignaturesRequestSchema,
  decode,
  encode,
  encodeManifest,
  type Delta,
  type PatchItem,
} from '@causeway/protocol'
import { contentHashOf, sha256 } from '../transfer/test-support/memory-link.ts'
import { createDialler } from './dialler.ts'
import { createHttpLink, type HttpLink } from './http-link.ts'

const folder = FolderIdSchema.parse('work')
const identity = { node: NodeIdSchema.parse('ash'), coordinator: 'the-coordinator', sign: () => Buffer.alloc(64) }
const content = contentHashOf(Buffer.from('content'))
const chunk = { hash: sha256(Buffer.from('chunk')), size: 5 }
const delta: Delta = {
  base: { content, offset: 3, length: 70_000 },
  chunks: encodeManifest([chunk]),
  encoding: 'copies',
  bytes: Buffer.from('chunk'),
}
const items: readonly PatchItem[] = [
  { kind: 'manifest', chunks: encodeManifest([chunk]) },
  { kind: 'fetch', first: 0, count: 1 },
]

type Answer = (path: string, body: Buffer, response: ServerResponse) => void

let server: Server
let link: HttpLink
let answer: Answer
let paths: string[]

beforeEach(async () => {
  paths = []
  server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const path = request.url ?? ''
      if (path === '/link/v1/challenge') {
        const nonce = 'a-nonce-that-is-long-enough'
        return json(response, { nonce, coordinator: identity.coordinator, version: LINK_VERSION })
      }
      if (path === '/link/v1/session') {
        return json(response, { token: 'a-token-that-is-good-now', expiresAt: '2030-01-01T00:00:00Z', folders: [] })
      }
      paths.push(path)
      const body = Buffer.concat(pieces)
      answer(path, request.headers['content-encoding'] === 'zstd' ? zstdDecompressSync(body) : body, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  link = createHttpLink({
    dialler: createDialler({ url: `http://127.0.0.1:${address.port}` }),
    identity,
    sleep: async () => undefined,
  })
})

afterEach(async () => {
  await link.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('deltas go out as they are, and the rejected chunks come back', async () => {
  answer = (_path, body, response) => {
    const { deltas } = decode(DeltasRequestSchema, body)
    expect(deltas.map(({ base, encoding }) => ({ base, encoding }))).toEqual([{ base: delta.base, encoding: 'copies' }])
    cbor(response, { rejected: [chunk.hash] })
  }
  expect(await link.sendDeltas(folder, [delta])).toEqual([chunk.hash])
  expect(paths).toEqual(['/link/v1/folders/work/chunks/deltas'])
})

test('a rejected chunk that was not sent is no answer', async () => {
  answer = (_path, _body, response) => cbor(response, { rejected: [content] })
  await expect(link.sendDeltas(folder, [delta])).rejects.toMatchObject({ code: 'protocol-mismatch' })
})

test('signatures come one a region', async () => {
  const request = { content, regions: [{ offset: 0, length: 1000 }], blockBytes: 512 }
  answer = (_path, body, response) => {
    expect(decode(SignaturesRequestSchema, body)).toEqual(request)
    cbor(response, { signatures: [Buffer.alloc(16, 7)] })
  }
  expect((await link.signatures(folder, request)).map((bytes) => bytes.length)).toEqual([16])
  expect(paths).toEqual(['/link/v1/folders/work/chunks/signatures'])
  answer = (_path, _body, response) => cbor(response, { signatures: [] })
  await expect(link.signatures(folder, request)).rejects.toMatchObject({ code: 'protocol-mismatch' })
})

test('a patch comes as a stream of items', async () => {
  answer = (_path, _body, response) => stream(response, framed(items))
  expect((await all(link.patch(folder, { content, base: content }))).map(({ kind }) => kind)).toEqual([
    'manifest',
    'fetch',
  ])
})

test('a patch that broke before its first item is asked for again; one that had begun is not', async () => {
  answer = (_path, _body, response) => {
    if (paths.length < 3) response.destroy()
    else stream(response, framed(items))
  }
  expect(await all(link.patch(folder, { content, base: content }))).toHaveLength(2)
  expect(paths).toHaveLength(3)

  const got: PatchItem[] = []
  answer = (_path, _body, response) => {
    response.writeHead(200, { 'content-type': PATCH_TYPE })
    response.write(framed(items.slice(0, 1)), () => setTimeout(() => response.destroy(), 20))
  }
  const broken = (async () => {
    for await (const item of link.patch(folder, { content, base: content })) got.push(item)
  })()
  await expect(broken).rejects.toMatchObject({ code: 'offline' })
  expect([got.length, paths.length]).toEqual([1, 4])
})

test('a refusal keeps its code', async () => {
  answer = (_path, _body, response) =>
    json(response, { error: { code: 'chunk-missing', message: 'a chunk is lost' } }, 409)
  await expect(all(link.patch(folder, { content, base: content }))).rejects.toMatchObject({ code: 'chunk-missing' })
  const regions = [{ offset: 0, length: 1 }]
  await expect(link.signatures(folder, { content, regions, blockBytes: 64 })).rejects.toMatchObject({
    code: 'chunk-missing',
  })
})

async function all(stream: AsyncIterable<PatchItem>): Promise<PatchItem[]> {
  const list: PatchItem[] = []
  for await (const item of stream) list.push(item)
  return list
}

function framed(list: readonly PatchItem[]): Buffer {
  return Buffer.concat(
    list.flatMap((item) => {
      const body = encode(item)
      const head = Buffer.alloc(4)
      head.writeUInt32BE(body.length)
      return [head, body]
    }),
  )
}

function cbor(response: ServerResponse, message: unknown): void {
  response.writeHead(200, { 'content-type': 'application/cbor' }).end(encode(message))
}

function stream(response: ServerResponse, body: Uint8Array): void {
  response.writeHead(200, { 'content-type': PATCH_TYPE }).end(body)
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}
