import type { NodeView } from '@causeway/protocol'
import { nodeNames } from './node-names.ts'
import { useLive } from './use-live.ts'

/** Made once for all who ask about the same nodes. */
const made = new WeakMap<object, ReadonlyMap<string, string>>()

/** What people call a node; its id where it is no longer known. */
export function useNodeName(): (node: string) => string {
  const nodes = useLive((state) => state.nodes)
  const names = namesOf(nodes)
  return (node) => names.get(node) ?? node
}

function namesOf(nodes: ReadonlyMap<string, NodeView>): ReadonlyMap<string, string> {
  const known = made.get(nodes)
  if (known !== undefined) return known
  const names = nodeNames(nodes.values())
  made.set(nodes, names)
  return names
}
