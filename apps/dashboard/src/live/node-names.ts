import type { NodeView } from '@causeway/protocol'

/** What people call each node. Those that share a name are told apart by the ends of their ids. */
export function nodeNames(nodes: Iterable<NodeView>): ReadonlyMap<string, string> {
  const namesakes = Map.groupBy(nodes, ({ name }) => name)
  const named = [...namesakes].flatMap(([name, sharing]) => {
    if (sharing.length === 1) return sharing.map(({ id }) => [id, name] as const)
    const ends = new Set(sharing.map(({ id }) => endOf(id)))
    return sharing.map(({ id }) => [id, `${name} (${ends.size === sharing.length ? endOf(id) : id})`] as const)
  })
  return new Map(named)
}

/** An id is a name of its time and something that is the node's alone, with a hyphen between. */
function endOf(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1)
}
