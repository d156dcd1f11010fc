import { beforeEach, expect, test } from 'vitest'
import {
  FolderIdSchema,
  KeyPinSchema,
  NodeIdSchema,
  SyncError,
  type Peer,
  type PeersResponse,
} from '@causeway/protocol'
import type { PeerClient } from './peer-client.ts'
import { createPeerList, type PeerList } from './peer-list.ts'

const [ash, oak] = [NodeIdSchema.parse('ash'), NodeIdSchema.parse('oak')]
const VALID_MS = 120_000

let nowMs: number
let asked: number
let answer: () => PeersResponse
let tokens: string[]
let list: PeerList

beforeEach(() => {
  nowMs = 1000
  asked = 0
  tokens = []
  answer = () => ({ peers: [peerOf('ash'), peerOf('oak')], validMs: VALID_MS })
  list = createPeerList({
    folder: FolderIdSchema.parse('docs'),
    ask: async () => {
      asked++
      return answer()
    },
    now: () => nowMs,
    connect: (_, { token }) => ({ renew: (next: string) => void tokens.push(next), token }) as unknown as PeerClient,
  })
})

test('the coordinator is asked once, however many ask at once, and again when half of the time is over', async () => {
  expect(await Promise.all([names(), names()])).toEqual([
    [ash, oak],
    [ash, oak],
  ])
  nowMs += VALID_MS / 2 - 1
  await names()
  expect([asked, tokens]).toEqual([1, []])
  nowMs += 1
  await names()
  await settled()
  expect([asked, tokens]).toEqual([2, ['token of ash 2', 'token of oak 2']])
})

test('with the coordinator away, what is known counts until the tokens run out', async () => {
  await names()
  answer = () => {
    throw new SyncError('offline', 'it is away')
  }
  nowMs += VALID_MS - 3_000
  expect(await names()).toEqual([ash, oak])
  nowMs += 3_000
  expect(await names()).toEqual([])
})

test('a node that could not be reached is asked again soon, and one that gave wrong bytes is not', async () => {
  await names()
  list.drop(ash, 'unreachable')
  list.drop(oak, 'wrong-bytes')
  list.drop(oak, 'unreachable')
  expect(await names()).toEqual([])
  nowMs += 10_000
  expect(await names()).toEqual([ash])
})

test('a node that can’t be reached again and again is asked ever more seldom, until it answers', async () => {
  const waits: number[] = []
  for (let failure = 0; failure < 8; failure++) {
    list.drop(ash, 'unreachable')
    const from = nowMs
    do nowMs += 10_000
    while (!(await names()).includes(ash))
    waits.push((nowMs - from) / 1000)
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600])
  list.worked(ash)
  list.drop(ash, 'unreachable')
  nowMs += 10_000
  expect(await names()).toContain(ash)
})

async function names() {
  return (await list.current()).map(({ node }) => node)
}

/** What was begun in the background is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function peerOf(name: string): Peer {
  const pin = KeyPinSchema.parse('p'.repeat(43))
  const token = `token of ${name} ${asked}`
  return { node: NodeIdSchema.parse(name), addresses: ['192.0.2.1'], port: 1, pin, token }
}
