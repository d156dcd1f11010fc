import type { NodeId, NodeTraffic, NodeView } from '@causeway/protocol'
import type { Connection } from '../../live/live-state.ts'
import { isTransfer } from '../../live/is-transfer.ts'
import { nodeNames } from '../../live/node-names.ts'
import { conditionOf, type Condition } from '../../parts/state-mark.tsx'

export const HUB = 'coordinator'

/** A coordinator or a node, where it is drawn. Positions are kept and changed in place: the layout stays put. */
export interface Vertex {
  readonly id: string
  name: string
  kind: 'coordinator' | 'node'
  condition: Condition
  x: number
  y: number
  vx: number
  vy: number
  /** Fixed where a person dragged it; null where the layout places it. */
  fx: number | null
  fy: number | null
}

export interface Link {
  readonly id: string
  readonly source: Vertex
  readonly target: Vertex
  online: boolean
  /** From the node to the coordinator; between two nodes, from the source to the target. */
  upBytesPerSecond: number
  downBytesPerSecond: number
  roundTripMs: number | null
  /** How far the dots on it have come, in both directions; 0 to 1. */
  phase: number
}

export interface Graph {
  readonly vertices: Map<string, Vertex>
  readonly links: Map<string, Link>
  /** Between nodes that give one another chunks, or lately did: they hold nothing together in the layout. */
  readonly peers: Map<string, Link>
}

export function emptyGraph(): Graph {
  return { vertices: new Map(), links: new Map(), peers: new Map() }
}

/**
 * Brings a graph in line with the fleet. Returns true if anything came or
 * went, so that the layout must find places; what only changed stays where it is.
 */
export function bringInLine(
  graph: Graph,
  nodes: readonly NodeView[],
  { folder, connection = 'live' }: { readonly folder: string | undefined; readonly connection?: Connection },
): boolean {
  const isKnown = connection !== 'lost'
  const names = nodeNames(nodes)
  const shown = nodes.filter((node) => folder === undefined || node.folders.some((member) => member.folder === folder))
  const wanted = new Set([HUB, ...shown.map(({ id }) => String(id))])
  let changed = false
  for (const id of graph.vertices.keys()) {
    if (wanted.has(id)) continue
    graph.vertices.delete(id)
    graph.links.delete(id)
    for (const [key, { source, target }] of graph.peers) {
      if (source.id === id || target.id === id) graph.peers.delete(key)
    }
    changed = true
  }
  if (!graph.vertices.has(HUB)) {
    graph.vertices.set(HUB, vertex(HUB, 'Coordinator', 'coordinator', 'in-sync', { x: 0, y: 0 }))
    changed = true
  }
  const hub = graph.vertices.get(HUB)
  if (hub !== undefined) hub.condition = isKnown ? 'in-sync' : 'unknown'
  for (const [index, node] of shown.entries()) {
    const condition = isKnown ? conditionOf(node) : 'unknown'
    const name = names.get(node.id) ?? node.name
    const known = graph.vertices.get(node.id)
    if (known === undefined) {
      const made = vertex(node.id, name, 'node', condition, placeOf(index, shown.length))
      graph.vertices.set(node.id, made)
      if (hub !== undefined) graph.links.set(node.id, link(node.id, made, hub))
      changed = true
    } else {
      known.name = name
      known.condition = condition
    }
    const its = graph.links.get(node.id)
    if (its !== undefined) its.online = node.online && isKnown
  }
  return changed
}

export function bringTraffic(graph: Graph, traffic: ReadonlyMap<NodeId, NodeTraffic>): void {
  for (const [id, link] of graph.links) {
    const moved = traffic.get(id as NodeId)
    const moves = moved !== undefined && isTransfer(moved.upBytesPerSecond + moved.downBytesPerSecond)
    link.upBytesPerSecond = moves ? moved.upBytesPerSecond : 0
    link.downBytesPerSecond = moves ? moved.downBytesPerSecond : 0
    if (moved !== undefined) link.roundTripMs = moved.roundTripMs
  }
  bringPeers(graph, traffic)
}

function bringPeers({ vertices, peers }: Graph, traffic: ReadonlyMap<NodeId, NodeTraffic>): void {
  const before = new Map(peers)
  peers.clear()
  for (const { node: taker, fromPeers = [] } of traffic.values()) {
    for (const { node: giver, bytesPerSecond } of fromPeers) {
      const [first, second] = giver < taker ? [giver, taker] : [taker, giver]
      const [source, target] = [vertices.get(first), vertices.get(second)]
      if (source === undefined || target === undefined) continue
      const key = `${first} ${second}`
      const fresh = { ...(before.get(key) ?? link(key, source, target)), upBytesPerSecond: 0, downBytesPerSecond: 0 }
      const its = peers.get(key) ?? { ...fresh, online: true }
      if (giver === first) its.upBytesPerSecond = bytesPerSecond
      else its.downBytesPerSecond = bytesPerSecond
      peers.set(key, its)
    }
  }
}

/** How many dots a second pass a point of a link: one a 4 kB/s at first, each doubling of the rate adding one. */
export function dotsPerSecond(bytesPerSecond: number): number {
  return bytesPerSecond <= 0 ? 0 : Math.min(14, 1 + Math.log2(1 + bytesPerSecond / 4096))
}

/** Rings around the coordinator, so that even the first picture has a place foreverybody. */
function placeOf(index: number, total: number): { x: number; y: number } {
  let ring = 0
  let left = index
  for (let room = 12; left >= room; room += 12) {
    left -= room
    ring++
  }
  const room = Math.min(12 + ring * 12, Math.max(1, total - (index - left)))
  const angle = (left / room) * Math.PI * 2 - Math.PI / 2 + ring * 0.26
  const radius = 150 + ring * 70
  return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius }
}

function vertex(
  id: string,
  name: string,
  kind: Vertex['kind'],
  condition: Condition,
  at: { x: number; y: number },
): Vertex {
  return {
    id,
    name,
    kind,
    condition,
    ...at,
    vx: 0,
    vy: 0,
    fx: kind === 'coordinator' ? 0 : null,
    fy: kind === 'coordinator' ? 0 : null,
  }
}

function link(id: string, source: Vertex, target: Vertex): Link {
  return { id, source, target, online: false, upBytesPerSecond: 0, downBytesPerSecond: 0, roundTripMs: null, phase: 0 }
}
