import { generateKeyPairSync, sign } from 'node:crypto'
import {
  FolderIdSchema,
  formatPeerToken,
  NodeIdSchema,
  peerGrantMessage,
  type ChunkId,
  type NamedBytes,
  type NodeId,
  type Peer,
  type PeerGrant,
} from '@causeway/protocol'
import { makeCertificate } from '@causeway/testkit'
import type { Gifts } from '../gifts.ts'
import { createGrantCheck, type GrantCheck } from '../grant-check.ts'
import { createPeerClient, type PeerClient } from '../peer-client.ts'
import type { ListedPeer } from '../peer-list.ts'
import { servePeers } from '../peer-server.ts'

export const docs = FolderIdSchema.parse('docs')
export const self = NodeIdSchema.parse('self')
const keys = generateKeyPairSync('ed25519')
const certificate = makeCertificate()
const NOW_MS = 1_000_000

/** A token that the coordinator of these tests signed. */
export function tokenFor(grant: Partial<PeerGrant> & Pick<PeerGrant, 'giver'>): string {
  const whole: PeerGrant = { folder: docs, taker: self, untilMs: NOW_MS + 60_000, ...grant }
  return formatPeerToken(
    whole,
    sign(null, Buffer.from(peerGrantMessage('c', whole)), keys.privateKey).toString('base64url'),
  )
}

function grantsOf(node: NodeId): GrantCheck {
  const grants = createGrantCheck({ coordinator: 'c', node, now: () => 0 })
  const key = Buffer.from(keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
  grants.learn({ key, nowMs: NOW_MS })
  return grants
}

/** Chunks in memory, all of one content, as a node gives them. */
export interface MemoryGifts extends Gifts {
  readonly chunks: Map<ChunkId, Uint8Array>
  state: 'whole' | 'coming' | 'none'
  /** Every request for chunks. */
  readonly asked: (readonly ChunkId[])[]
}

export function memoryGifts(given: readonly NamedBytes[]): MemoryGifts {
  const gifts: MemoryGifts = {
    chunks: new Map(given.map(({ hash, bytes }) => [hash, bytes])),
    state: 'coming',
    asked: [],
    open: () => () => undefined,
    share: () => () => undefined,
    came: () => undefined,
    stateOf: () => gifts.state,
    has: (_folder, _content, hashes) => hashes.map((hash) => gifts.chunks.has(hash)),
    async *fetch(_folder, _content, hashes) {
      gifts.asked.push([...hashes])
      for (const hash of hashes) {
        const bytes = gifts.chunks.get(hash)
        if (bytes !== undefined) yield { hash, bytes }
      }
    },
    chunkList: () => undefined,
  }
  return gifts
}

export interface GivingNode extends ListedPeer {
  readonly peer: Peer
  close(): Promise<void>
}

/** A node that really listens, and a client that really asks it. */
export async function givingNode(name: string, gifts: Gifts): Promise<GivingNode> {
  const node = NodeIdSchema.parse(name)
  const { key, cert, pin } = await certificate
  const server = await servePeers({ host: '127.0.0.1', port: 0, tls: { key, cert }, gifts, grants: grantsOf(node) })
  const peer = { node, addresses: ['127.0.0.1'], port: server.port, pin, token: tokenFor({ giver: node }) }
  const client = createPeerClient(docs, peer)
  return { node, peer, client, close: () => closeBoth(client, server) }
}

async function closeBoth(client: PeerClient, server: { close(): Promise<void> }): Promise<void> {
  await client.close()
  await server.close()
}

/** Nodes to ask; it notes which of them are not to be asked again. */
export function listedPeers(given: readonly ListedPeer[]) {
  const dropped: string[] = []
  const isDropped = (node: NodeId): boolean => dropped.some((line) => line.startsWith(`${node} `))
  return {
    dropped,
    current: async () => given.filter(({ node }) => !isDropped(node)),
    worked: () => undefined,
    drop: (node: NodeId, why: string) => void dropped.push(`${node} ${why}`),
  }
}
