import type { NodeView } from '@causeway/protocol'

/** What people call each node. Two that share a name are told apart by their ids. */
export function nodeNames(nodes: Iterable<NodeView>): ReadonlyMap<string, string> {
  const all = [...nodes]
  const timesUsed = new Map<string, number>()
  for (const { name } of all) timesUsed.set(name, (timesUsed.get(name) ?? 0) + 1)
  return new Map(all.map(({ id, name }) => [id, timesUsed.get(name) === 1 ? name : `${name} (${id})`]))
}
