import type { HistoryEvent } from '@causeway/protocol'
import type { NewEvent } from '../metadata-store.ts'
import { placedEvent, sharedClock } from '../sqlite/rows.ts'
import { timeCell } from '../sqlite/values.ts'
import { appendInOrder } from './append-in-order.ts'
import type { Connection } from './connection.ts'

const CAUSE_TYPES = { key: 'bigint', clock: 'text', decision: 'text', reason: 'text', actor: 'text' }
const EVENT_TYPES = {
  folder: 'bigint',
  node: 'text',
  counter: 'bigint',
  kind: 'text',
  entry: 'text',
  path: 'text',
  path_before: 'text',
  cause: 'bigint',
  seq: 'bigint',
  entries: 'bigint',
  size: 'bigint',
  at_ms: 'bigint',
  brought: 'bigint',
}

/** Appends events in their order and gives them back with their positions. `causes` are as many keys as `causesOf` names. */
export async function writeEvents(
  db: Connection,
  { key, causes }: { readonly key: number; readonly causes: readonly number[] },
  events: readonly NewEvent[],
): Promise<HistoryEvent[]> {
  if (events.length === 0) return []
  const keyed = new Map(causesOf(events).map((cause, at) => [cause.name, { ...cause, key: causes[at] ?? null }]))
  const rows = events.map((event) => [
    key,
    event.node,
    event.counter,
    event.kind,
    event.entry,
    event.path,
    event.pathBefore,
    keyed.get(causeOf(event).name)?.key ?? null,
    event.seq,
    event.entries,
    event.sizeBytes,
    timeCell(event.at),
    event.broughtBytes ?? null,
  ])
  const causeRows = [...keyed.values()].map((cause) => [
    cause.key,
    cause.clock,
    cause.decision,
    cause.reason,
    cause.actor,
  ])
  const [, positions] = await Promise.all([
    db.insert('event_causes', CAUSE_TYPES, causeRows),
    appendInOrder(db, 'events', EVENT_TYPES, rows),
  ])
  return events.map((event, at) => placedEvent(event, positions[at] ?? 0))
}

interface Cause {
  readonly name: string
  readonly clock: string
  readonly decision: string
  readonly reason: string
  readonly actor: string | null
}

/** Thousands of events of one commit have one clock, one reason and one actor: those are stored once. */
export function causesOf(events: readonly NewEvent[]): readonly Cause[] {
  return [...new Map(events.map(causeOf).map((cause) => [cause.name, cause])).values()]
}

function causeOf(event: NewEvent): Cause {
  const { decision, reason } = event
  const clock = JSON.stringify(sharedClock(event.clock, event.node, event.counter))
  const actor = event.actor === undefined ? null : JSON.stringify(event.actor)
  return { name: `${clock}\n${decision}\n${actor}\n${reason}`, clock, decision, reason, actor }
}
