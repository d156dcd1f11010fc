import type { HistoryEvent } from '@causeway/protocol'
import type { NewEvent } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { placedEvent, sharedClock } from './rows.ts'
import { timeCell } from './values.ts'

const INSERT = `INSERT INTO events
  (folder, node, counter, kind, entry, path, path_before, cause, seq, entries, size, at_ms, brought) VALUES`

/** Appends events in their order and gives them back with their positions. */
export function writeEvents(db: Connection, folder: number, events: readonly NewEvent[]): HistoryEvent[] {
  if (events.length === 0) return []
  const causeOf = causes(db)
  const rows = events.map((event) => [
    folder,
    event.node,
    event.counter,
    event.kind,
    event.entry,
    event.path,
    event.pathBefore,
    causeOf(event),
    event.seq,
    event.entries,
    event.sizeBytes,
    timeCell(event.at),
    event.broughtBytes ?? null,
  ])
  // One connection writes, so the positions follow one another.
  const first = db.insert(INSERT, rows) - events.length + 1
  return events.map((event, index) => placedEvent(event, first + index))
}

/** Thousands of events of one commit have one clock, one reason and one actor: those are stored once. */
function causes(db: Connection): (event: NewEvent) => number {
  const known = new Map<string, number>()
  return (event) => {
    const clock = JSON.stringify(sharedClock(event.clock, event.node, event.counter))
    const actor = event.actor === undefined ? null : JSON.stringify(event.actor)
    const name = `${clock}\n${event.decision}\n${actor}\n${event.reason}`
    const key = known.get(name)
    if (key !== undefined) return key
    const sql = 'INSERT INTO event_causes (clock, decision, reason, actor) VALUES (?, ?, ?, ?)'
    const { lastRowId } = db.run(sql, clock, event.decision, event.reason, actor)
    known.set(name, lastRowId)
    return lastRowId
  }
}
