import { number } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'

/** A number each, for the lock under which its positions are given. */
const LOCKS = { events: 1, transfers: 2 } as const

/**
 * Appends rows whose positions must become visible in their order, and returns
 * those. From here to its end, this transaction holds up all others that
 * append to the same table: so call it last.
 */
export async function appendInOrder(
  db: Connection,
  table: keyof typeof LOCKS,
  types: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | number | Uint8Array | null)[])[],
): Promise<number[]> {
  if (rows.length === 0) return []
  const names = Object.keys(types)
  const arrays = Object.values(types).map((type, at) => `$${at + 1}::${type}[]`)
  const columns = names.map((_, at) => rows.map((row) => row[at] ?? null))
  const sql = `INSERT INTO ${table} (${names.join(', ')})
    SELECT ${names.join(', ')} FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS given (${names.join(', ')}, nth)
    ORDER BY nth RETURNING position`
  const [, written] = await Promise.all([lockPositions(db, table), db.all(sql, ...columns)])
  return written.map((row) => number(row['position']))
}

/**
 * Released when the transaction ends, after all can see what it wrote. Held
 * by no snapshot: who waited for it gets positions above those of the one before.
 */
function lockPositions(db: Connection, table: keyof typeof LOCKS): Promise<unknown> {
  return db.get(
    'SELECT pg_advisory_xact_lock($1, (SELECT oid::integer FROM pg_namespace WHERE nspname = current_schema()))',
    LOCKS[table],
  )
}
