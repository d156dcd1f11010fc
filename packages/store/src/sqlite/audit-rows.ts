import type { AuditEntry } from '@causeway/protocol'
import type { AuditWriter } from '../audit-rows.ts'
import type { Connection, Row } from './connection.ts'
import { json, number, text, time, timeCell } from './values.ts'

/** `db` is asked for each time: it refuses once the transaction is over. */
export function auditRows(db: () => Connection): AuditWriter {
  return {
    async before(position, { action, actor }, limit) {
      const sql = `SELECT * FROM audit WHERE (?1 IS NULL OR position < ?1) AND (?2 IS NULL OR action = ?2)
        AND (?3 IS NULL OR actor_id = ?3) ORDER BY position DESC LIMIT ?4`
      return db()
        .all(sql, position ?? null, action ?? null, actor ?? null, limit)
        .map(entryOf)
    },
    async add(entry) {
      const { at, actor, action, object, from, details } = entry
      const sql = `INSERT INTO audit (at_ms, actor_kind, actor_id, actor_name, action, object, from_address, details)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
      const cells = [timeCell(at), actor.kind, actor.id, actor.name, action, object, from, JSON.stringify(details)]
      return { ...entry, position: db().run(sql, ...cells).lastRowId }
    },
  }
}

export function entryOf(row: Row): AuditEntry {
  return {
    position: number(row['position']),
    at: time(row['at_ms']),
    actor: { kind: text(row['actor_kind']), id: text(row['actor_id']), name: text(row['actor_name']) },
    action: text(row['action']),
    object: text(row['object']),
    from: text(row['from_address']),
    details: json(row['details']),
  }
}
