import type { FolderId, NodeId } from '@causeway/protocol'
import { createLatencies, type LatencyReadings } from './latencies.ts'

/**
 * How long commits take to be on the disk of each node. Counted are commits
 * of others that became durable while the node's link stood: how long a node
 * was away says nothing about how fast the way to it is.
 */
export interface Deliveries {
  /** A commit is durable and led a folder's log up to `head`. */
  durable(commit: { readonly folder: FolderId; readonly head: number; readonly author: string }): void
  /** The node's link stands, from now on. */
  linked(node: NodeId): void
  /** The node has everything up to `seq` on its disk. */
  applied(node: NodeId, folder: FolderId, seq: number): void
  /** The node was removed. */
  forget(node: NodeId): void
  readings(): LatencyReadings
}

/** Commits of a folder that are remembered until their nodes have them; older ones are not counted. */
const COMMITS_KEPT = 4096

interface Commit {
  readonly head: number
  readonly author: string
  readonly atMs: number
}

interface Receiver {
  linkedAtMs: number
  /** By folder, the last position that was told. */
  readonly told: Map<FolderId, number>
}

export function createDeliveries(now: () => number, measured: (milliseconds: number) => void): Deliveries {
  const commits = new Map<FolderId, Commit[]>()
  const receivers = new Map<NodeId, Receiver>()
  const latencies = createLatencies()

  return {
    durable({ folder, head, author }) {
      const known = commits.get(folder) ?? []
      known.push({ head, author, atMs: now() })
      // Half of them at once, so that it costs next to nothing.
      if (known.length >= 2 * COMMITS_KEPT) known.splice(0, COMMITS_KEPT)
      commits.set(folder, known)
    },
    linked(node) {
      const known = receivers.get(node)
      if (known !== undefined) known.linkedAtMs = now()
      else receivers.set(node, { linkedAtMs: now(), told: new Map() })
    },
    applied(node, folder, seq) {
      const receiver = receivers.get(node)
      if (receiver === undefined) return
      const after = receiver.told.get(folder) ?? 0
      receiver.told.set(folder, seq)
      const at = now()
      const known = commits.get(folder) ?? []
      for (let index = firstAfter(known, after); index < known.length; index++) {
        const commit = known[index]
        if (commit === undefined || commit.head > seq) break
        if (commit.author === node || commit.atMs < receiver.linkedAtMs) continue
        const tookMs = at - commit.atMs
        latencies.observe(node, tookMs)
        measured(tookMs)
      }
    },
    forget(node) {
      receivers.delete(node)
      latencies.forget(node)
    },
    readings: latencies.readings,
  }
}

/** The first commit that led beyond a position; heads only rise. */
function firstAfter(commits: readonly Commit[], seq: number): number {
  let low = 0
  let high = commits.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((commits[middle]?.head ?? Infinity) <= seq) low = middle + 1
    else high = middle
  }
  return low
}
