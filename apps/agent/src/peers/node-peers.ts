import type { FolderId, LinkSessionResponse, NodeId, PeerServer, PeersGave, PeersResponse } from '@causeway/protocol'
import { isSyncError } from '@causeway/protocol'
import type { Timers } from '@causeway/time'
import { messageOf } from '../link/json-call.ts'
import type { FolderPeers } from '../ports.ts'
import type { FolderContents } from '../transfer/down/node-contents.ts'
import { addressesOf } from './addresses.ts'
import { createGiftReports } from './gift-reports.ts'
import { createGifts } from './gifts.ts'
import { createGrantCheck } from './grant-check.ts'
import { makeOwnCertificate } from './own-certificate.ts'
import { createPeerList, type PeerList } from './peer-list.ts'
import { servePeers, type RunningPeerServer } from './peer-server.ts'
import { swarmChunks } from './swarm.ts'

/** A node among the others of its folders: what it gives them, and what it fetches from them. */
export interface NodePeers {
  /** The node has signed in. */
  signedIn(session: LinkSessionResponse): void
  /** The other nodes of a folder. */
  of(folder: FolderId): FolderPeers
  /** The folder's files can be given from now on; the returned function ends that. */
  open(folder: FolderId, contents: FolderContents): () => void
  /** Fetches and waits for nothing more. */
  stop(): void
  close(): Promise<void>
}

/** What of the coordinator's link it needs. */
export interface PeersLink {
  servePeers(server: PeerServer | null): Promise<void>
  peers(folder: FolderId): Promise<PeersResponse>
  peersGave(folder: FolderId, told: PeersGave): Promise<void>
}

export interface NodePeersOptions {
  readonly node: NodeId
  readonly coordinator: string
  readonly link: PeersLink
  readonly timers: Timers
  /** Where this node gives chunks; nowhere if left out. */
  readonly listen?: { readonly host?: string | undefined; readonly port: number } | undefined
  /** Something that the node's person should read. */
  onNotice(line: string): void
}

const TELL_AGAIN_MS = 30_000

export function createNodePeers(options: NodePeersOptions): NodePeers {
  const { node, coordinator, link, timers, listen, onNotice } = options
  const gifts = createGifts()
  const grants = createGrantCheck({ coordinator, node, now: timers.now })
  const lists = new Map<FolderId, PeerList>()
  let isClosed = false
  const serving = listen === undefined ? undefined : startServing(listen)

  async function startServing({ host, port }: { readonly host?: string | undefined; readonly port: number }) {
    try {
      const { key, cert, pin } = await makeOwnCertificate()
      const server = await servePeers({ host, port, tls: { key, cert }, gifts, grants })
      return { server, told: { addresses: [...addressesOf(host)], port: server.port, pin } }
    } catch (error) {
      onNotice(`this node gives nothing to other nodes: ${messageOf(error)}`)
      return undefined
    }
  }

  /** Until the coordinator knows where others can fetch from here, or that they no longer can. */
  async function tellWhere(): Promise<void> {
    const told = (await serving)?.told ?? null
    try {
      await link.servePeers(told)
    } catch (error) {
      // A coordinator that is there and refuses does so the next time, too.
      if (!isClosed && isSyncError(error, 'offline')) timers.after(TELL_AGAIN_MS, () => void tellWhere()).unref()
    }
  }

  function listOf(folder: FolderId): PeerList {
    const known = lists.get(folder)
    if (known !== undefined) return known
    const made = createPeerList({ folder, ask: () => link.peers(folder), now: timers.now })
    lists.set(folder, made)
    return made
  }

  return {
    signedIn({ peers }) {
      if (peers === undefined) return
      grants.learn(peers)
      void tellWhere()
    },
    of(folder) {
      const peers = listOf(folder)
      return {
        areThere: async () => (await peers.current()).length > 0,
        join(download, last) {
          const { content, list } = download
          const leave = gifts.share(folder, download)
          const reports = createGiftReports(content, { timers, tell: (told) => link.peersGave(folder, told) })
          const chunks = swarmChunks({
            self: node,
            content,
            list,
            peers,
            last,
            timers,
            came: (chunk) => {
              if (serving !== undefined) gifts.came(folder, chunk)
            },
            gave: reports.gave,
            isStopped: () => isClosed,
          })
          return {
            chunks,
            leave() {
              leave()
              reports.end()
            },
          }
        },
        async chunkList(content) {
          for (const { client } of await peers.current()) {
            const list = await client.chunkList(content).catch(() => undefined)
            if (list !== undefined) return list
          }
          return undefined
        },
      }
    },
    open: gifts.open,
    stop() {
      isClosed = true
    },
    async close() {
      isClosed = true
      const running: { readonly server: RunningPeerServer } | undefined = await serving
      await running?.server.close()
      await Promise.all([...lists.values()].map((list) => list.close()))
    },
  }
}
