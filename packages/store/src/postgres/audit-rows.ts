import type { AuditWriter } from '../audit-rows.ts'
import { entryOf } from '../sqlite/audit-rows.ts'
import { number, timeCell } from '../sqlite/values.ts'
import { conditions } from './conditions.ts'
import type { Connection, Value } from './connection.ts'
import { storable } from './storable.ts'

export function auditRows(db: Connection): AuditWriter {
  return {
    async before(position, { action, actor }, limit) {
      const values: Value[] = [position ?? Number.MAX_SAFE_INTEGER, limit]
      const where = conditions({ action, actor_id: actor }, values, 'position < $1')
      const rows = await db.all(`SELECT * FROM audit ${where} ORDER BY position DESC LIMIT $2`, ...values)
      return rows.map(entryOf)
    },
    async add(entry) {
      const { at, actor, action, object, from, details } = entry
      const sql = `INSERT INTO audit (at_ms, actor_kind, actor_id, actor_name, action, object, from_address, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING position`
      const texts = [actor.kind, actor.id, actor.name, action, object, from].map(storable)
      const row = await db.get(sql, timeCell(at), ...texts, JSON.stringify(details))
      return { ...entry, position: number(row?.['position']) }
    },
  }
}
