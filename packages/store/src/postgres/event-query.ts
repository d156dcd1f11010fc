import type { EventFilter } from '../metadata-store.ts'
import type { Value } from './connection.ts'

export const EVENT_COLUMNS = `e.position, f.id AS folder_id, e.node, e.counter, c.clock, e.kind, e.entry, e.path, e.path_before,
  c.decision, c.reason, c.actor, e.seq, e.entries, e.size, e.at_ms
  FROM events e JOIN event_causes c ON c.key = e.cause JOIN folders f ON f.key = e.folder`

/** The filter as conditions, each beginning with AND; the values they take are put behind those that are there. */
export function eventQuery(filter: EventFilter, values: Value[]): string {
  const next = (value: Value): string => `$${values.push(value)}`
  const conditions: string[] = []
  if (filter.folder !== undefined) {
    conditions.push(`AND e.folder = (SELECT key FROM folders WHERE id = ${next(filter.folder)})`)
  }
  if (filter.folders !== undefined) {
    // Not as a column: else the plan may gather and sort all that ever happened in them.
    const keys = `ARRAY(SELECT key FROM folders WHERE id = ANY(${next(filter.folders)}::text[]))`
    conditions.push(`AND e.folder + 0 = ANY(${keys})`)
  }
  if (filter.node !== undefined) conditions.push(`AND e.node = ${next(filter.node)}`)
  if (filter.entry !== undefined) conditions.push(`AND e.entry = ${next(filter.entry)}`)
  if (filter.kinds !== undefined) conditions.push(`AND e.kind = ANY(${next(filter.kinds)}::text[])`)
  return conditions.join(' ')
}
