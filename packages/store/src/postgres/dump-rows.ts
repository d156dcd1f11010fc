import {
  cellOf,
  DERIVED,
  DUMP_TABLES,
  KEPT_SEQUENCES,
  NUMBERED,
  type ColumnType,
  type DumpCell,
  type DumpRow,
  type DumpTable,
  type Numbered,
} from '../dump/tables.ts'
import type { Row } from '../sqlite/connection.ts'
import { bytes, number, text } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { foldedCell, naturalCell } from './rows.ts'

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  bytes: 'bytea',
  name: 'bytea',
}

export async function dumpRows(
  db: Connection,
  table: DumpTable,
  after: DumpRow | null,
  limit: number,
): Promise<readonly DumpRow[]> {
  if (table === 'sequences') return after === null ? Promise.all(KEPT_SEQUENCES.map((name) => sequence(db, name))) : []
  const { columns, key } = DUMP_TABLES[table]
  const where = after === null ? '' : `WHERE (${quoted(key)}) > (${key.map((_, at) => `$${at + 2}`).join(', ')})`
  const sql = `SELECT ${quoted(Object.keys(columns))} FROM ${table} ${where} ORDER BY ${quoted(key)} LIMIT $1`
  return (await db.all(sql, limit, ...(after ?? []))).map((row) => rowOf(table, row))
}

export async function loadRows(db: Connection, table: DumpTable, rows: readonly DumpRow[]): Promise<void> {
  if (rows.length === 0) return
  if (table === 'sequences') {
    await Promise.all(rows.map(([name, last]) => raise(db, text(name ?? null), number(last ?? null))))
    return
  }
  const types = typesOf(table)
  const cells = rows.map((row) => cellsOf(table, row))
  const arrays = types.map(([, type], at) => `$${at + 1}::${type}[]`)
  const sql = `INSERT INTO ${table} (${quoted(types.map(([column]) => column))})
    ${isNumbered(table) ? 'OVERRIDING SYSTEM VALUE' : ''} SELECT * FROM unnest(${arrays.join(', ')})`
  await db.run(sql, ...types.map((_, at) => cells.map((row) => row[at] ?? null)))
  if (isNumbered(table)) await raise(db, table, number(cellOf(table, rows.at(-1) ?? [], NUMBERED[table].column)))
}

export async function emptyTable(db: Connection, table: DumpTable): Promise<void> {
  // A number that was given out is not given out again, whatever becomes of its row.
  if (table !== 'sequences') await db.run(`DELETE FROM ${table}`)
}

function rowOf(table: DumpTable, row: Row): DumpRow {
  return Object.keys(DUMP_TABLES[table].columns).map((column): DumpCell => {
    const cell = row[column] ?? null
    return typeof cell === 'bigint' ? Number(cell) : cell
  })
}

function typesOf(table: DumpTable): readonly (readonly [column: string, type: string])[] {
  const own = Object.entries(DUMP_TABLES[table].columns).map(([column, type]) => [column, SQL_TYPES[type]] as const)
  return [...own, ...(DERIVED[table] ?? []).map((column) => [column, 'bytea'] as const)]
}

function cellsOf(table: DumpTable, row: DumpRow): DumpRow {
  if (table !== 'entries') return row
  const name = Buffer.from(bytes(cellOf(table, row, 'name'))).toString()
  return [...row, foldedCell(name), naturalCell(name)]
}

async function sequence(db: Connection, table: Numbered): Promise<DumpRow> {
  const sql = 'SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0) AS last'
  const row = await db.get(sql, table, NUMBERED[table].column)
  return [table, number(row?.['last'])]
}

/** The next number is above this one, and above all that were given out before. */
async function raise(db: Connection, table: string, last: number): Promise<void> {
  if (!isNumbered(table) || last < 1) return
  const sql = `SELECT setval(named.sequence, greatest($3::bigint, coalesce(pg_sequence_last_value(named.sequence), 0)))
    FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) AS named`
  await db.all(sql, table, NUMBERED[table].column, last)
}

function isNumbered(table: string): table is Numbered {
  return table in NUMBERED
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ')
}
