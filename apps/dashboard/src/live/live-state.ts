import type { HistoryEvent, LiveMessage, NodeId, NodeTraffic, NodeView } from '@causeway/protocol'

export type Connection = 'connecting' | 'live' | 'lost'

/** What the pages show of the running system. An immutable value: every message makes the next one. */
export interface LiveState {
  readonly connection: Connection
  /** Since when the connection has been as it is; milliseconds since 1970. */
  readonly since: number
  readonly nodes: ReadonlyMap<NodeId, NodeView>
  /** The newest events, oldest first; at most `EVENTS_KEPT`. */
  readonly events: readonly HistoryEvent[]
  /** Bytes a second between the coordinator and each node; a node that is not here moves nothing. */
  readonly traffic: ReadonlyMap<NodeId, NodeTraffic>
  /** The position of the newest event that was heard of. */
  readonly position: number
}

export const EVENTS_KEPT = 2_000

export const NOTHING_YET: LiveState = {
  connection: 'connecting',
  since: 0,
  nodes: new Map(),
  events: [],
  traffic: new Map(),
  position: 0,
}

/** What was asked for over REST when the page began. */
export function begin(
  state: LiveState,
  { nodes, events }: { readonly nodes: readonly NodeView[]; readonly events: readonly HistoryEvent[] },
): LiveState {
  const kept = events.slice(-EVENTS_KEPT)
  return {
    ...state,
    nodes: new Map(nodes.map((node) => [node.id, node])),
    events: kept,
    position: kept.at(-1)?.position ?? state.position,
  }
}

export function connected(state: LiveState, connection: Connection, now: number): LiveState {
  if (state.connection === connection) return state
  // What flowed when the coordinator was last heard is no rate of now.
  return { ...state, connection, since: now, ...(connection === 'lost' && { traffic: new Map() }) }
}

export function take(state: LiveState, messages: readonly LiveMessage[]): LiveState {
  const events: HistoryEvent[] = []
  let nodes: Map<NodeId, NodeView> | undefined
  let traffic: readonly NodeTraffic[] | undefined
  const known = (): Map<NodeId, NodeView> => (nodes ??= new Map(state.nodes))
  for (const message of messages) {
    switch (message.kind) {
      case 'event':
        if (message.event.position > (events.at(-1)?.position ?? state.position)) events.push(message.event)
        break
      case 'node':
        known().set(message.node.id, message.node)
        break
      case 'node-removed':
        known().delete(message.node)
        break
      case 'report': {
        const node = known().get(message.node)
        if (node === undefined) break
        const folders = node.folders.map((folder) => {
          return folder.folder === message.report.folder ? { ...folder, report: message.report } : folder
        })
        known().set(node.id, { ...node, folders })
        break
      }
      case 'traffic':
        traffic = message.nodes
        break
      // What asks for transfers hears of them by itself.
      case 'transfers':
      case 'hello':
      case 'error':
        break
    }
  }
  if (nodes === undefined && traffic === undefined && events.length === 0) return state
  return {
    ...state,
    nodes: nodes ?? state.nodes,
    traffic: traffic === undefined ? state.traffic : new Map(traffic.map((node) => [node.node, node])),
    events: events.length === 0 ? state.events : [...state.events, ...events].slice(-EVENTS_KEPT),
    position: events.at(-1)?.position ?? state.position,
  }
}
