import type { SQLInputValue } from 'node:sqlite'
import type { EventFilter } from '../metadata-store.ts'

export const EVENT_COLUMNS = `e.position, f.id AS folder_id, e.node, e.counter, c.clock, e.kind, e.entry, e.path, e.path_before,
  c.decision, c.reason, c.actor, e.seq, e.entries, e.size, e.at_ms
  FROM events e CROSS JOIN event_causes c ON c.key = e.cause CROSS JOIN folders f ON f.key = e.folder`

/** The filter as conditions, each beginning with AND, and the values they take in order. */
export function eventQuery(filter: EventFilter): { where: string; values: SQLInputValue[] } {
  const conditions: string[] = []
  // The narrowest condition picks the index; the plus sign takes the others out of the choice.
  const folder = filter.entry === undefined && filter.node === undefined ? 'e.folder' : '+e.folder'
  const node = filter.entry === undefined ? 'e.node' : '+e.node'
  const values: SQLInputValue[] = []
  if (filter.folder !== undefined) {
    conditions.push(`AND ${folder} = (SELECT key FROM folders WHERE id = ?)`)
    values.push(filter.folder)
  }
  if (filter.folders !== undefined) {
    conditions.push('AND +e.folder IN (SELECT key FROM folders WHERE id IN (SELECT value FROM json_each(?)))')
    values.push(JSON.stringify(filter.folders))
  }
  if (filter.node !== undefined) {
    conditions.push(`AND ${node} = ?`)
    values.push(filter.node)
  }
  if (filter.entry !== undefined) {
    conditions.push('AND e.entry = ?')
    values.push(filter.entry)
  }
  if (filter.kinds !== undefined) {
    conditions.push('AND e.kind IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(filter.kinds))
  }
  return { where: conditions.join(' '), values }
}
