import type { NodeId } from '@causeway/protocol'
import { useLive } from '../../live/use-live.ts'

/** What people call a node; its id where it is no longer known. */
export function useNodeName(): (node: NodeId) => string {
  const nodes = useLive((state) => state.nodes)
  return (node) => nodes.get(node)?.name ?? node
}
