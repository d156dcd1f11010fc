import type { FolderId, NodeId, Peer, PeersResponse } from '@causeway/protocol'
import { createPeerClient, type PeerClient } from './peer-client.ts'

/** The other nodes of a folder that can be asked, by what the coordinator said last. */
export interface PeerList {
  /** Those whose token is still good. Asks the coordinator where what is known is getting old; without it, what is known counts until it runs out. */
  current(): Promise<readonly ListedPeer[]>
  /** Asks a node for nothing for a while, each time longer: it could not be reached, was slow, or gave wrong bytes. */
  drop(node: NodeId, why: 'unreachable' | 'wrong-bytes'): void
  /** A node answered: what it did before is forgotten. */
  worked(node: NodeId): void
  close(): Promise<void>
}

export interface ListedPeer {
  readonly node: NodeId
  readonly client: PeerClient
}

export interface PeerListOptions {
  readonly folder: FolderId
  /** Throws where the coordinator can't be asked. */
  ask(): Promise<PeersResponse>
  now(): number
  readonly connect?: (folder: FolderId, peer: Peer) => PeerClient
}

/** What is older than this part of its life is asked for again. */
const FRESH_PART = 0.5
/** So much earlier a token counts as run out: the way to the other node takes its time. */
const SPARE_MS = 2_000
const ASK_AGAIN_MS = 5_000
const AVOID_MS = 10_000
/** Most nodes that can't be reached never can: they are behind NAT or a firewall. */
const AVOID_MOST_MS = 600_000
const AVOID_WRONG_MS = 3_600_000

export function createPeerList(options: PeerListOptions): PeerList {
  const { folder, ask, now, connect = createPeerClient } = options
  const clients = new Map<NodeId, { readonly key: string; readonly client: PeerClient }>()
  const avoided = new Map<NodeId, number>()
  const failures = new Map<NodeId, number>()
  let peers: readonly ListedPeer[] = []
  let freshUntilMs = -Infinity
  let goodUntilMs = -Infinity
  let asking: Promise<void> | undefined

  async function refresh(): Promise<void> {
    const askedMs = now()
    try {
      const answer = await ask()
      freshUntilMs = askedMs + answer.validMs * FRESH_PART
      goodUntilMs = askedMs + answer.validMs - SPARE_MS
      peers = answer.peers.map((peer) => ({ node: peer.node, client: clientOf(peer) }))
    } catch {
      // What is known is used on for as long as it is good, and the coordinator asked again soon.
      freshUntilMs = now() + ASK_AGAIN_MS
    }
  }

  function clientOf(peer: Peer): PeerClient {
    const key = `${peer.pin} ${peer.port} ${peer.addresses.join(' ')}`
    const known = clients.get(peer.node)
    if (known?.key === key) {
      known.client.renew(peer.token)
      return known.client
    }
    void known?.client.close()
    const client = connect(folder, peer)
    clients.set(peer.node, { key, client })
    return client
  }

  return {
    async current() {
      if (now() >= freshUntilMs) {
        asking ??= refresh().finally(() => (asking = undefined))
        // While the tokens are good nobody waits for the coordinator, which may be away.
        if (now() >= goodUntilMs) await asking
      }
      if (now() >= goodUntilMs) return []
      return peers.filter(({ node }) => (avoided.get(node) ?? -Infinity) <= now())
    },
    drop(node, why) {
      const before = failures.get(node) ?? 0
      failures.set(node, before + 1)
      const forMs = why === 'wrong-bytes' ? AVOID_WRONG_MS : Math.min(AVOID_MOST_MS, AVOID_MS * 2 ** before)
      avoided.set(node, Math.max(avoided.get(node) ?? 0, now() + forMs))
    },
    worked: (node) => void failures.delete(node),
    async close() {
      await asking
      await Promise.all([...clients.values()].map(({ client }) => client.close()))
    },
  }
}
