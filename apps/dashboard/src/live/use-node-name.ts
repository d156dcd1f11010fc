import { actorOf, type HistoryEvent, type NodeView } from '@causeway/protocol'
import { NO_NODE, nodeColours } from './node-colours.ts'
import { nodeNames } from './node-names.ts'
import { useLive } from './use-live.ts'

/** What people call a node; its id where it is no longer known. */
export function useNodeName(): (node: string) => string {
  const names = namesOf(useLive((state) => state.nodes))
  return (node) => names.get(node) ?? node
}

/** A node's colour; grey where it is no longer known. */
export function useNodeColour(): (node: string) => string {
  const colours = coloursOf(useLive((state) => state.nodes))
  return (node) => colours.get(node) ?? NO_NODE
}

/** The colour of who caused something: a node's own; grey for people and the coordinator. */
export function useActorColour(): (of: Pick<HistoryEvent, 'actor' | 'node'>) => string {
  const nodeColour = useNodeColour()
  return (of) => {
    const actor = actorOf(of)
    return actor.kind === 'node' ? nodeColour(actor.node) : NO_NODE
  }
}

const namesOf = madeOnce((nodes) => nodeNames(nodes.values()))
const coloursOf = madeOnce((nodes) => nodeColours(nodes.values()))

/** Made once for all who ask about the same nodes. */
function madeOnce<T>(make: (nodes: ReadonlyMap<string, NodeView>) => T): (nodes: ReadonlyMap<string, NodeView>) => T {
  const made = new WeakMap<ReadonlyMap<string, NodeView>, { readonly value: T }>()
  return (nodes) => {
    const known = made.get(nodes)
    if (known !== undefined) return known.value
    const value = make(nodes)
    made.set(nodes, { value })
    return value
  }
}
