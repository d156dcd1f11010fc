import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  decode,
  encode,
  ContentHashSchema,
  KeyPinSchema,
  NodeIdSchema,
  parsePeerToken,
  peerGrantMessage,
  PeersResponseSchema,
  pathOf,
  ROUTES,
  type PeerServer,
  type PeersGave,
  type PeersResponse,
} from '@causeway/protocol'
import { DEFAULT_FOLDER, run, type Running, type TestNode } from '../test-support/running.ts'
import { createPeerTokens } from '../ports/peer-tokens.ts'

const SERVER: PeerServer = { addresses: ['192.0.2.7'], port: 7777, pin: KeyPinSchema.parse('p'.repeat(43)) }
const CONTENT = ContentHashSchema.parse('c'.repeat(64))

test('a node hears of those that carry the folder and give chunks, with a token for each that the coordinator signed', async () => {
  await using running = await run({ folders: ['default', 'elsewhere'], clock: { now: () => 1_000_000 } })
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const silent = await running.enrol('silent')
  await serve(running, bob, SERVER)
  await serve(running, await running.enrol('stranger', { folder: 'elsewhere' }), SERVER)
  await serve(running, ada, { ...SERVER, port: 1 })
  const { peers, validMs } = await peersOf(ada)
  expect(validMs).toBe(120_000)
  expect(peers).toEqual([{ ...SERVER, node: bob.id, token: expect.any(String) }])
  const { grant, signature } = parsePeerToken(peers[0]!.token)
  expect(grant).toEqual({ folder: DEFAULT_FOLDER, giver: bob.id, taker: ada.id, untilMs: 1_120_000 })
  const key = running.coordinator.context.peerTokens.publicKey
  expect(isSigned(key, peerGrantMessage('coordinator-under-test', grant), signature)).toBe(true)
  expect(isSigned(key, peerGrantMessage('another-coordinator', grant), signature)).toBe(false)
  expect((await peersOf(silent)).peers.map(({ node }) => node).toSorted()).toEqual([ada.id, bob.id])
})

test('a node that has stopped giving, is paused or was removed is named to nobody, and one that may not read hears of nobody', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const sender = await running.enrol('sender', 'send-only')
  await serve(running, bob, SERVER)
  await serve(running, sender, SERVER)
  const names = async () => (await peersOf(ada)).peers.map(({ node }) => node).toSorted()
  expect(await names()).toEqual([bob.id, sender.id].toSorted())
  expect((await sender.call('peers', encode({}))).status).toBe(403)

  await serve(running, bob, null)
  expect(await names()).toEqual([sender.id])
  await serve(running, bob, SERVER)
  await running.rest('PATCH', `/api/v1/folders/${DEFAULT_FOLDER}/members/${bob.id}`, { paused: true })
  expect(await names()).toEqual([sender.id])
  await running.rest('DELETE', `/api/v1/nodes/${sender.id}`)
  expect(await names()).toEqual([])
})

test('those who are there are named first', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const others = await Promise.all(['b1', 'b2', 'b3', 'b4'].map((name) => running.enrol(name)))
  for (const other of others) await serve(running, other, SERVER)
  const [there] = others.slice(-1)
  await (await there!.socket()).next()
  expect((await peersOf(ada)).peers[0]?.node).toBe(there!.id)
})

test('what a node says it was given is heard only of others that carry the folder, and wrong bytes are logged', async () => {
  const lines: string[] = []
  await using running = await run({ logged: ({ message }) => lines.push(message) })
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const heard: unknown[] = []
  running.coordinator.context.observe.peerGave = (...given) => void heard.push(given)
  const told = (node: string, wrong = false) => ({ node: NodeIdSchema.parse(node), bytes: 5, wrong })
  const got: PeersGave['got'] = [told('nobody'), told(ada.id), told(bob.id, true)]
  expect((await ada.call('peers/gave', encode({ content: CONTENT, got }))).status).toBe(200)
  expect(heard).toEqual([[{ folder: DEFAULT_FOLDER, node: ada.id }, CONTENT, told(bob.id, true)]])
  expect(lines).toContain('a node was given wrong bytes by another')
})

test('coordinators of one store sign with one key, and others with another', () => {
  const [one, same] = [createPeerTokens('c', 'aa'.repeat(32)), createPeerTokens('c', 'aa'.repeat(32))]
  expect(one.publicKey).toBe(same.publicKey)
  expect(createPeerTokens('c', 'ab'.repeat(32)).publicKey).not.toBe(one.publicKey)
})

function isSigned(key: string, message: string, signature: string): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key, 'base64').toString('base64url') }
  return verify(
    null,
    Buffer.from(message),
    createPublicKey({ key: jwk, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  )
}

async function serve({ url }: Running, { token }: TestNode, server: PeerServer | null): Promise<void> {
  const { method, path } = ROUTES.link.servePeers
  const headers = { 'content-type': 'application/cbor', authorization: `Bearer ${token}` }
  const body = Buffer.from(encode({ server }))
  expect((await fetch(new URL(path, url), { method, headers, body })).status).toBe(200)
}

async function peersOf(node: TestNode): Promise<PeersResponse> {
  const response = await node.call('peers', encode({}))
  expect([response.status, response.url]).toEqual([
    200,
    expect.stringContaining(pathOf(ROUTES.link.peers, { folder: DEFAULT_FOLDER })),
  ])
  return decode(PeersResponseSchema, new Uint8Array(await response.arrayBuffer()))
}
