import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  chunkFrameParts,
  CHUNK_FRAMES_TYPE,
  ChunkIdSchema,
  encode,
  encodeBits,
  ContentHashSchema,
  NodeIdSchema,
  PEER_PATHS,
  SyncError,
  type ChunkId,
  type NamedBytes,
} from '@causeway/protocol'
import { makeCertificate } from '@causeway/testkit'
import { systemTimers } from '@causeway/time'
import { ChunkTable } from '../transfer/down/chunk-table.ts'
import { chunkSourceConformance } from '../transfer/test-support/chunk-source-conformance.ts'
import { createMemoryChunks, type MemoryChunks } from '../transfer/test-support/memory-chunks.ts'
import { sha256 } from '../transfer/test-support/memory-link.ts'
import { createPeerClient } from './peer-client.ts'
import type { ListedPeer } from './peer-list.ts'
import { swarmChunks } from './swarm.ts'
import { docs, givingNode, listedPeers, memoryGifts, self, tokenFor } from './test-support/giving-node.ts'

const CONTENT = ContentHashSchema.parse('c'.repeat(64))
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

chunkSourceConformance('what other nodes have', async (chunks) => {
  const [first, ...others] = chunks
  const gifts = [memoryGifts(first === undefined ? [] : [first]), memoryGifts(others)]
  const nodes = await Promise.all(gifts.map((its, at) => givingNode(`n${at}`, its)))
  const { source } = swarmOf(nodes, createMemoryChunks(9), chunks)
  return {
    source,
    spoil: (hash) => gifts.forEach(({ chunks: its }) => its.has(hash) && its.set(hash, new Uint8Array([1, 2, 3]))),
    end: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  }
})

chunkSourceConformance('a coordinator with no other node beside it', async (chunks) => {
  const last = createMemoryChunks(9, chunks)
  return { source: swarmOf([], last, chunks).source, spoil: (hash) => void last.chunks.delete(hash) }
})

const CHUNKS = Array.from({ length: 30 }, (_, at) => named(`chunk ${at}`))
const HASHES = CHUNKS.map(({ hash }) => hash)

test('what others have comes from them, and only the rest from the coordinator', async () => {
  const near = await started('near', CHUNKS.slice(0, 20))
  const last = createMemoryChunks(9, CHUNKS)
  const { source, gifts } = swarmOf([near.node], last, CHUNKS)
  expect(await fetched(source)).toEqual(HASHES.toSorted())
  expect(last.asked.flat().toSorted()).toEqual(HASHES.slice(20).toSorted())
  expect(gifts).toEqual([['near', sizeOf(CHUNKS.slice(0, 20)), false]])
})

test('a whole node is asked what it has only once', async () => {
  const near = await started('near', CHUNKS)
  near.its.state = 'whole'
  let asked = 0
  const { has } = near.its
  near.its.has = (...given) => {
    asked++
    return has(...given)
  }
  const { source } = swarmOf([near.node], createMemoryChunks(9), CHUNKS)
  for (const hash of HASHES) await fetched(source, [hash])
  expect(asked).toBe(1)
})

test('of what only the coordinator has, nodes that fetch it at once each get a part there and the rest from one another', async () => {
  const names = ['one', 'two', 'three'].map((name) => NodeIdSchema.parse(name))
  const stores = names.map(() => memoryGifts([]))
  const nodes = await Promise.all(names.map((name, at) => givingNode(name, stores[at]!)))
  closers.push(async () => void (await Promise.all(nodes.map((node) => node.close()))))
  const lasts = names.map(() => createMemoryChunks(9, CHUNKS))
  const got = await Promise.all(
    names.map(async (name, at) => {
      const others = nodes.filter(({ node }) => node !== name)
      const came = ({ hash, bytes }: NamedBytes) => void stores[at]!.chunks.set(hash, bytes)
      return fetched(swarmOf(others, lasts[at]!, CHUNKS, { self: name, came }).source)
    }),
  )
  expect(got).toEqual(names.map(() => HASHES.toSorted()))
  const all = lasts.flatMap(({ asked }) => asked.flat())
  expect(all.toSorted()).toEqual(HASHES.toSorted())
  expect(lasts.every(({ asked }) => asked.flat().length > 0)).toBe(true)
})

test('with the coordinator away, a node finishes with what others get meanwhile', async () => {
  const near = await started('near', CHUNKS.slice(0, 10))
  const last = createMemoryChunks(9)
  last.beforeEach = () => {
    setTimeout(() => CHUNKS.forEach(({ hash, bytes }) => near.its.chunks.set(hash, bytes)), 300)
    throw new SyncError('offline', 'it is away')
  }
  expect(await fetched(swarmOf([near.node], last, CHUNKS).source)).toEqual(HASHES.toSorted())
})

describe('of nodes that mean ill or do not work', () => {
  test('one that gives wrong bytes is named, and asked for nothing more; what it gave rightly counts', async () => {
    const bad = await started('bad', CHUNKS)
    for (const hash of HASHES.slice(3)) bad.its.chunks.set(hash, Buffer.from('other bytes'))
    const last = createMemoryChunks(9, CHUNKS)
    const { source, list, gifts } = swarmOf([bad.node], last, CHUNKS)
    expect(await fetched(source)).toEqual(HASHES.toSorted())
    expect(list.dropped).toEqual(['bad wrong-bytes'])
    expect(gifts).toContainEqual(['bad', 0, true])
    expect(bad.its.asked).toHaveLength(1)
  })

  test('one that gives what nobody asked for is named', async () => {
    const bad = await hostile('bad', (_, response) => {
      const extra = named('extra')
      response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE })
      for (const part of framesOf([extra, extra])) response.write(part)
    })
    await expectDropped(bad, 'wrong-bytes')
  })

  test('one whose stream has no end is left as soon as it gave what was asked for', async () => {
    let stop: () => void = () => undefined
    const bad = await hostile('endless', (_, response) => {
      response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE })
      const timer = setInterval(() => framesOf(CHUNKS).forEach((part) => response.write(part)), 1)
      stop = () => clearInterval(timer)
      response.on('close', stop)
    })
    const last = createMemoryChunks(9)
    const { source, list } = swarmOf([bad], last, CHUNKS)
    expect(await fetched(source)).toEqual(HASHES.toSorted())
    expect(list.dropped).toEqual([])
    stop()
  })

  test('one that frames what can be no chunk is named, before any memory is taken for it', async () => {
    const bad = await hostile('huge', (_, response) => {
      const [head] = chunkFrameParts({ ...CHUNKS[0]!, size: 5, compressed: false })
      new DataView(head.buffer).setUint32(32, 4_000_000_000)
      response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE }).end(head)
    })
    await expectDropped(bad, 'wrong-bytes')
  })

  test('one that trickles is not waited for', async () => {
    const bad = await hostile('slow', (_, response) => {
      response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE })
      const timer = setInterval(() => response.write(Buffer.from([0])), 100)
      response.on('close', () => clearInterval(timer))
    })
    await expectDropped(bad, 'unreachable')
  })

  test('one that claims much and gives nothing is asked once for each chunk', async () => {
    const near = await started('liar', [])
    near.its.has = (_folder, _content, hashes) => hashes.map(() => true)
    const last = createMemoryChunks(9, CHUNKS)
    expect(await fetched(swarmOf([near.node], last, CHUNKS).source)).toEqual(HASHES.toSorted())
    expect(near.its.asked.flat().length).toBe(HASHES.length)
  })

  test('one that refuses, shows another key, or is not there is passed over', async () => {
    const refusing = await started('refusing', CHUNKS)
    refusing.node.client.renew(tokenFor({ giver: NodeIdSchema.parse('another') }))
    const other = await started('other-key', CHUNKS)
    const pin = ChunkIdSchema.parse('0'.repeat(64)).slice(0, 43) as typeof other.node.peer.pin
    const wrongKey = { node: other.node.node, client: createPeerClient(docs, { ...other.node.peer, pin }) }
    const gone = await givingNode('gone', memoryGifts(CHUNKS))
    const ghost = { node: gone.node, client: createPeerClient(docs, gone.peer) }
    await gone.close()
    const last = createMemoryChunks(9, CHUNKS)
    const { source, list } = swarmOf([refusing.node, wrongKey, ghost], last, CHUNKS)
    expect(await fetched(source)).toEqual(HASHES.toSorted())
    expect(list.dropped.toSorted()).toEqual(['gone unreachable', 'other-key unreachable', 'refusing unreachable'])
    expect([...refusing.its.asked, ...other.its.asked]).toEqual([])
  })
})

async function expectDropped(bad: ListedPeer, why: string): Promise<void> {
  const { source, list } = swarmOf([bad], createMemoryChunks(9, CHUNKS), CHUNKS)
  expect(await fetched(source)).toEqual(HASHES.toSorted())
  expect(list.dropped).toEqual([`${bad.node} ${why}`])
}

function swarmOf(
  nodes: readonly ListedPeer[],
  last: MemoryChunks,
  chunks: readonly NamedBytes[],
  given: { self?: typeof self; came?: (chunk: NamedBytes) => void } = {},
) {
  const list = listedPeers(nodes)
  const gifts: unknown[] = []
  const source = swarmChunks({
    self,
    content: CONTENT,
    list: ChunkTable.of(chunks.map(({ hash, bytes }) => ({ hash, size: bytes.length }))),
    peers: list,
    last,
    timers: systemTimers,
    came: () => undefined,
    gave: (...gift) => void gifts.push(gift),
    ...given,
  })
  return { source, list, gifts }
}

async function started(name: string, chunks: readonly NamedBytes[]) {
  const its = memoryGifts(chunks)
  const node = await givingNode(name, its)
  closers.push(() => node.close())
  return { its, node }
}

/** A node that says it has everything, and then does what it likes. */
async function hostile(name: string, give: RequestListener): Promise<ListedPeer> {
  const { key, cert, pin } = await makeCertificate()
  const server: Server = createServer({ key, cert }, (request, response) => {
    request.resume()
    if (request.url === PEER_PATHS.chunks) return give(request, response)
    const has = encodeBits(HASHES.map(() => true))
    response.writeHead(200, { 'content-type': 'application/cbor' }).end(encode({ has, state: 'whole' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const node = NodeIdSchema.parse(name)
  const client = createPeerClient(docs, { node, addresses: ['127.0.0.1'], port, pin, token: tokenFor({ giver: node }) })
  closers.push(async () => {
    await client.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { node, client }
}

function framesOf(chunks: readonly NamedBytes[]): Uint8Array[] {
  return chunks.flatMap(({ hash, bytes }) => [
    ...chunkFrameParts({ hash, size: bytes.length, compressed: false, bytes }),
  ])
}

async function fetched(source: { fetch(hashes: readonly ChunkId[]): AsyncIterable<NamedBytes> }, hashes = HASHES) {
  const found: ChunkId[] = []
  for await (const { hash, bytes } of source.fetch(hashes)) {
    expect(sha256(bytes)).toBe(hash)
    found.push(hash)
  }
  return found.toSorted()
}

function sizeOf(chunks: readonly NamedBytes[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function named(text: string): NamedBytes {
  const bytes = new TextEncoder().encode(text)
  return { hash: sha256(bytes), bytes }
}
