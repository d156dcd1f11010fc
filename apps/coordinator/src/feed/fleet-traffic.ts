import type { NodeId, NodeTraffic } from '@causeway/protocol'
import type { BroadcastMessages, Speaker } from '../ports/broadcasts.ts'

/** Rates that were said longer ago than this are no longer those of now. */
const NEW_FOR_MS = 3_000

/** What crosses between all coordinators and their nodes, of what each says of its own. */
export function createFleetTraffic(now: () => number): {
  /** All there is, with what one has just said. */
  with(message: BroadcastMessages['traffic']): NodeTraffic[]
} {
  const lately = new Map<Speaker, { readonly at: number; readonly nodes: readonly NodeTraffic[] }>()
  return {
    with({ from, nodes }) {
      lately.delete(from)
      for (const [other, { at }] of lately) if (now() - at > NEW_FOR_MS) lately.delete(other)
      lately.set(from, { at: now(), nodes })
      // A node that has just moved is in two of them: what was said last counts.
      const byNode = new Map<NodeId, NodeTraffic>()
      for (const { nodes: said } of lately.values()) for (const one of said) byNode.set(one.node, one)
      return [...byNode.values()]
    },
  }
}
