import { hash as hashOf } from 'node:crypto'
import type { ChunkId, NodeId } from '@causeway/protocol'

/** Who has which of the chunks that are wanted. */
export type Holders = ReadonlyMap<NodeId, ReadonlySet<ChunkId>>

/**
 * The chunks that fewest nodes have come first. Among those that equally many
 * have, each node begins with others, so that nodes which fetch the same
 * content soon have something to give one another.
 */
export function rarestFirst(wanted: readonly ChunkId[], holders: Holders, self: NodeId): readonly ChunkId[] {
  const ranked = wanted.map((hash) => {
    let count = 0
    for (const held of holders.values()) if (held.has(hash)) count++
    return { hash, count, rank: rankOf(self, hash) }
  })
  return ranked.toSorted((a, b) => a.count - b.count || (a.rank < b.rank ? -1 : 1)).map(({ hash }) => hash)
}

/** Of the nodes that fetch a content which nobody has yet, the one that gets this chunk from the coordinator: all of them name the same. */
export function fetcherOf(hash: ChunkId, nodes: readonly NodeId[]): NodeId | undefined {
  let first: { readonly node: NodeId; readonly rank: string } | undefined
  for (const node of nodes) {
    const rank = rankOf(node, hash)
    if (first === undefined || rank < first.rank) first = { node, rank }
  }
  return first?.node
}

/** What each node is asked for at once: each chunk of one that has it, the least asked first, until that one has enough. */
export function dealOut(
  order: readonly ChunkId[],
  holders: Holders,
  { sizeOf, budgetOf }: { sizeOf(hash: ChunkId): number; budgetOf(node: NodeId): number },
): ReadonlyMap<NodeId, readonly ChunkId[]> {
  const shares = new Map<NodeId, ChunkId[]>()
  const filled = new Map<NodeId, number>()
  const fullness = (node: NodeId): number => (filled.get(node) ?? 0) / budgetOf(node)
  for (const hash of order) {
    let least: NodeId | undefined
    for (const [node, held] of holders) {
      if (held.has(hash) && fullness(node) < (least === undefined ? 1 : fullness(least))) least = node
    }
    if (least === undefined) continue
    shares.set(least, [...(shares.get(least) ?? []), hash])
    filled.set(least, (filled.get(least) ?? 0) + sizeOf(hash))
  }
  return shares
}

/** As good as chance, and the same wherever it is worked out. */
function rankOf(node: NodeId, hash: ChunkId): string {
  return hashOf('sha256', `${node} ${hash}`)
}
