import type { NodeView } from '@causeway/protocol'
import type { EventFilter } from '@causeway/store'
import { maySee, seenBy, type PersonRights } from './person-rights.ts'

// What people who may not see all are shown of what spans folders.

/** A node as far as somebody may see it; null for one that carries none of their folders. */
export function nodeFor(rights: PersonRights, node: NodeView): NodeView | null {
  if (rights.everywhere !== null) return node
  const folders = node.folders.filter(({ folder }) => maySee(rights, folder))
  if (folders.length === 0) return null
  const { offers: _offers, dailyBytes: _daily, sentBytes: _sent, ...rest } = node
  // Where it is on its machine and on the network is for those who look after it.
  return { ...rest, folders, address: '', port: 0, watchDirectories: [] }
}

export function nodesFor(rights: PersonRights, nodes: readonly NodeView[]): NodeView[] {
  return nodes.flatMap((node) => nodeFor(rights, node) ?? [])
}

/** A filter for events that leaves out what somebody may not see. */
export function eventsFor(rights: PersonRights, filter: EventFilter): EventFilter {
  const folders = seenBy(rights)
  return folders === undefined ? filter : { ...filter, folders }
}
