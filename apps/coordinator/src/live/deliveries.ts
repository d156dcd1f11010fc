import type { Delivery, FolderId, HistogramReading, NodeId } from '@causeway/protocol'
import { createHistogram, type Histogram } from './histogram.ts'
import { Recent } from './quantile.ts'

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
  readings(): { readonly all: HistogramReading; readonly byNode: Delivery[] }
}

/** Commits of a folder that are remembered until their nodes have them; older ones are not counted. */
const COMMITS_KEPT = 4096
const LATENCIES_KEPT = 256

interface Commit {
  readonly head: number
  readonly author: string
  readonly atMs: number
}

interface Receiver {
  linkedAtMs: number
  /** By folder, the last position that was told. */
  readonly told: Map<FolderId, number>
  readonly histogram: Histogram
  readonly recent: Recent
}

export function createDeliveries(now: () => number, measured: (milliseconds: number) => void): Deliveries {
  const commits = new Map<FolderId, Commit[]>()
  const receivers = new Map<NodeId, Receiver>()
  const all = createHistogram()

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
      else {
        const fresh = { told: new Map(), histogram: createHistogram(), recent: new Recent(LATENCIES_KEPT) }
        receivers.set(node, { linkedAtMs: now(), ...fresh })
      }
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
        receiver.histogram.observe(tookMs)
        receiver.recent.add(tookMs)
        all.observe(tookMs)
        measured(tookMs)
      }
    },
    forget: (node) => void receivers.delete(node),
    readings: () => ({
      all: all.reading(),
      byNode: [...receivers].map(([node, { histogram, recent }]) => {
        const [p50 = null, p99 = null] = recent.quantiles(0.5, 0.99)
        return { node, ...histogram.reading(), p50, p99 }
      }),
    }),
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
