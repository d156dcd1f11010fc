import { entryIdOf, type Dot, type EntryId, type NodeId } from '@causeway/protocol'

/** The event that created an entry, from its id; `undefined` for the root, and for what is written in another way. */
export function dotOfEntry(id: EntryId): Dot | undefined {
  const point = id.lastIndexOf('.')
  const node = id.slice(0, Math.max(point, 0)) as NodeId
  const counter = Number.parseInt(id.slice(point + 1), 36)
  return node !== '' && entryIdOf(node, counter) === id ? { node, counter } : undefined
}
