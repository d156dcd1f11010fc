import type { Author } from '@causeway/protocol'

/** Names nodes for people. */
export type NodeNames = (node: string) => string

/** Where several nodes have one name, their ids tell them apart; of an unknown node only the id is known. */
export function nodeNames(authors: readonly Author[]): NodeNames {
  const byNode = new Map(authors.map(({ node, name }) => [String(node), name]))
  const taken = new Map<string, number>()
  for (const name of byNode.values()) taken.set(name, (taken.get(name) ?? 0) + 1)
  return (node) => {
    const name = byNode.get(node)
    if (name === undefined || name === '') return node
    return (taken.get(name) ?? 0) > 1 ? `${name} (${node})` : name
  }
}
