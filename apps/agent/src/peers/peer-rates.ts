import type { NodeId } from '@causeway/protocol'

/** How much to ask of a node at once: what it gives in about half a second. */
export interface PeerRates {
  budgetOf(node: NodeId): number
  took(node: NodeId, bytes: number, milliseconds: number): void
}

/** Smaller shares cost more in asking than they gain by being divided. */
const LEAST_BYTES = 1024 * 1024
const MOST_BYTES = 4 * 1024 * 1024
const SHARE_SECONDS = 0.5

export function createPeerRates(): PeerRates {
  const rates = new Map<NodeId, number>()
  return {
    budgetOf(node) {
      const bytes = (rates.get(node) ?? 0) * SHARE_SECONDS
      return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, bytes))
    },
    took(node, bytes, milliseconds) {
      const rate = (bytes * 1000) / Math.max(1, milliseconds)
      const known = rates.get(node)
      rates.set(node, known === undefined ? rate : (known + rate) / 2)
    },
  }
}
