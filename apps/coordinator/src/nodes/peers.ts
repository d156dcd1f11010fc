import { createHash } from 'node:crypto'
import {
  LIMITS,
  PeerServerSchema,
  type NodeId,
  type PeerServer,
  type PeersGave,
  type PeersResponse,
} from '@causeway/protocol'
import type { Hop } from '@causeway/log'
import type { MetadataReader } from '@causeway/store'
import type { Context } from '../ports/context.ts'
import type { NodePresence } from './presence.ts'

/** Brings together nodes that carry the same folder. Which of them has what, they tell one another. */
export interface Peers {
  /** Where a node gives chunks from now on; null if nowhere. */
  serves(node: NodeId, server: PeerServer | null): Promise<void>
  /** Whom a node that may read the folder can ask for chunks of it, those who are there first. */
  of(hop: Hop): Promise<PeersResponse>
  /** What a node says it was given. What it says of nodes that do not carry the folder is ignored. */
  gave(hop: Hop, told: PeersGave): Promise<void>
}

/** A right that was taken away is gone after this: nobody asks here again before. */
const PEER_TOKEN_MS = 120_000

export function createPeers(
  { metadata, clock, log, observe, peerTokens }: Context,
  presence: Pick<NodePresence, 'isOnline'>,
): Peers {
  return {
    async serves(node, server) {
      const told = server === null ? '' : JSON.stringify(server)
      // At each sign-in: mostly there is nothing to write.
      if (((await metadata.read((tx) => tx.setting(keyOf(node)))) ?? '') === told) return
      await metadata.write((tx) => tx.putSetting(keyOf(node), told))
    },
    async of({ folder, node: taker }) {
      const untilMs = clock.now() + PEER_TOKEN_MS
      const serving = await metadata.read(async (tx) => {
        const members = (await tx.memberships({ folder })).filter(({ node, paused }) => node !== taker && !paused)
        return Promise.all(members.map(async ({ node }) => ({ node, server: await serverOf(tx, node) })))
      })
      const found = serving.flatMap(({ node, server }) => (server === undefined ? [] : [{ ...server, node }]))
      const peers = inOrder(found, taker, presence).slice(0, LIMITS.peersPerAnswer)
      return {
        peers: peers.map((peer) => ({ ...peer, token: peerTokens.make({ folder, giver: peer.node, taker, untilMs }) })),
        validMs: PEER_TOKEN_MS,
      }
    },
    async gave(hop, { content, got }) {
      const members = await metadata.read((tx) => tx.memberships({ folder: hop.folder }))
      const carriers = new Set(members.map(({ node }) => node))
      for (const gift of got) {
        if (gift.node === hop.node || !carriers.has(gift.node)) continue
        if (gift.wrong) log.warn({ ...hop, giver: gift.node, content }, 'a node was given wrong bytes by another')
        observe.peerGave(hop, content, gift)
      }
    },
  }
}

/** Those who are there first; among these, each node begins with others, so that no single one is asked by all. */
function inOrder<P extends { readonly node: NodeId }>(
  peers: readonly P[],
  taker: NodeId,
  presence: Pick<NodePresence, 'isOnline'>,
): readonly P[] {
  const ranks = new Map(peers.map(({ node }) => [node, rankOf(taker, node)]))
  const rank = ({ node }: P): string => `${presence.isOnline(node) ? 0 : 1}${ranks.get(node) ?? ''}`
  return peers.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

function rankOf(taker: NodeId, giver: NodeId): string {
  return createHash('sha256').update(`${taker} ${giver}`).digest('hex')
}

async function serverOf(tx: MetadataReader, node: NodeId): Promise<PeerServer | undefined> {
  const told = await tx.setting(keyOf(node))
  return told === undefined || told === '' ? undefined : PeerServerSchema.parse(JSON.parse(told))
}

/** Kept with the rest, so that every coordinator of the store knows it. */
function keyOf(node: NodeId): string {
  return `peer-server:${node}`
}
