import type { HistogramReading, NodeId, NodeLatency } from '@causeway/protocol'
import { createHistogram, type Histogram } from './histogram.ts'
import { Recent } from './quantile.ts'

/** How long something took, over all nodes and for each: what one node makes of it is told beside the others' own. */
export interface Latencies {
  observe(node: NodeId, milliseconds: number): void
  /** The node was removed: what it measured stays in the sum only. */
  forget(node: NodeId): void
  readings(): LatencyReadings
}

export interface LatencyReadings {
  readonly all: HistogramReading
  /** Of the nodes of which something was measured. */
  readonly byNode: NodeLatency[]
}

const LATENCIES_KEPT = 256

export function createLatencies(): Latencies {
  const all = createHistogram()
  const nodes = new Map<NodeId, { readonly histogram: Histogram; readonly recent: Recent }>()

  return {
    observe(node, milliseconds) {
      const of = nodes.get(node) ?? { histogram: createHistogram(), recent: new Recent(LATENCIES_KEPT) }
      nodes.set(node, of)
      of.histogram.observe(milliseconds)
      of.recent.add(milliseconds)
      all.observe(milliseconds)
    },
    forget: (node) => void nodes.delete(node),
    readings: () => ({
      all: all.reading(),
      byNode: [...nodes].map(([node, { histogram, recent }]) => {
        const [p50 = null, p99 = null] = recent.quantiles(0.5, 0.99)
        return { node, ...histogram.reading(), p50, p99 }
      }),
    }),
  }
}
