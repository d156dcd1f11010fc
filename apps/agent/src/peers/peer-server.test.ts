import { request } from 'node:https'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encode, FolderIdSchema, ContentHashSchema, NodeIdSchema, PEER_PATHS } from '@causeway/protocol'
import { sha256 } from '../transfer/test-support/memory-link.ts'
import {
  docs,
  givingNode,
  memoryGifts,
  tokenFor,
  type GivingNode,
  type MemoryGifts,
} from './test-support/giving-node.ts'

const CONTENT = ContentHashSchema.parse('c'.repeat(64))
const BYTES = Buffer.from('a chunk')
const CHUNK = { hash: sha256(BYTES), bytes: BYTES }
const giver = NodeIdSchema.parse('giver')
const ASKED = encode({ folder: docs, content: CONTENT, hashes: [CHUNK.hash] })

let gifts: MemoryGifts
let node: GivingNode
beforeEach(async () => {
  gifts = memoryGifts([CHUNK])
  node = await givingNode('giver', gifts)
})
afterEach(() => node.close())

test('a good token gets what was asked for', async () => {
  const { status, body } = await post(tokenFor({ giver }))
  expect([status, body.subarray(41).toString()]).toEqual([200, 'a chunk'])
})

test.each([
  ['none', undefined],
  ['one that nobody signed', `${tokenFor({ giver }).slice(0, -86)}${'A'.repeat(86)}`],
  ['one that has run out', tokenFor({ giver, untilMs: 999_999 })],
  ['one for another folder', tokenFor({ giver, folder: FolderIdSchema.parse('other') })],
  ['one for another giver', tokenFor({ giver: NodeIdSchema.parse('another') })],
])('with a token that is no good (%s) nothing is given, and nothing is said of what is here', async (_, token) => {
  for (const path of Object.values(PEER_PATHS)) {
    const { status, body } = await post(token, { path })
    expect([status, JSON.parse(body.toString()).error.code]).toEqual([403, 'not-allowed'])
  }
  expect(gifts.asked).toEqual([])
})

test('what is no list of chunks, is too long, or is asked elsewhere is refused', async () => {
  const token = tokenFor({ giver })
  expect((await post(token, { body: Buffer.from('no CBOR at all') })).status).toBe(400)
  expect((await post(token, { body: Buffer.alloc(600 * 1024) })).status).toBe(413)
  expect((await post(token, { path: '/' })).status).toBe(404)
  expect((await post(token)).status).toBe(200)
})

test('one node is served only so many requests at once, and another all the same', async () => {
  let letGo: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => (letGo = resolve))
  let waiters = 0
  const { fetch } = gifts
  gifts.fetch = async function* slowly(...given) {
    waiters++
    await waiting
    yield* fetch(...given)
  }
  const token = tokenFor({ giver })
  const first = Array.from({ length: 8 }, () => post(token))
  while (waiters < 8) await new Promise((resolve) => setImmediate(resolve))
  expect((await post(token)).status).toBe(429)
  const other = post(tokenFor({ giver, taker: NodeIdSchema.parse('another') }))
  letGo()
  expect((await Promise.all([...first, other])).map(({ status }) => status)).toEqual(
    Array.from({ length: 9 }, () => 200),
  )
  expect((await post(token)).status).toBe(200)
})

function post(token: string | undefined, given: { readonly path?: string; readonly body?: Uint8Array } = {}) {
  const { path = PEER_PATHS.chunks, body = ASKED } = given
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const { port } = node.peer
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers, rejectUnauthorized: false },
      (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) }))
        answer.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
