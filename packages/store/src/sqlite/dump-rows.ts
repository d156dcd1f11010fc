import { naturalKey } from '@causeway/engine'
import type { SQLInputValue } from 'node:sqlite'
import {
  cellOf,
  DERIVED,
  DUMP_TABLES,
  KEPT_SEQUENCES,
  type DumpCell,
  type DumpRow,
  type DumpTable,
} from '../dump/tables.ts'
import type { Connection, Row } from './connection.ts'
import { bytes, number, text } from './values.ts'
import { foldedCell } from './write-entries.ts'

export function dumpRows(db: Connection, table: DumpTable, after: DumpRow | null, limit: number): DumpRow[] {
  if (table === 'sequences') return after === null ? KEPT_SEQUENCES.map((name) => [name, lastOf(db, name)]) : []
  const { columns, key } = DUMP_TABLES[table]
  const where = after === null ? '' : `WHERE (${quoted(key)}) > (${key.map(() => '?').join(', ')})`
  const sql = `SELECT ${quoted(Object.keys(columns))} FROM ${table} ${where} ORDER BY ${quoted(key)} LIMIT ?`
  return db.all(sql, ...(after ?? []), limit).map((row) => rowOf(table, row))
}

export function loadRows(db: Connection, table: DumpTable, rows: readonly DumpRow[]): void {
  if (rows.length === 0) return
  if (table === 'sequences') {
    for (const [name, last] of rows) setLast(db, text(name), number(last))
    return
  }
  const derived = DERIVED[table] ?? []
  const columns = [...Object.keys(DUMP_TABLES[table].columns), ...derived]
  const head = `INSERT INTO ${table} (${quoted(columns)}) VALUES`
  db.insert(
    head,
    rows.map((row) => cellsOf(table, row)),
  )
}

export function emptyTable(db: Connection, table: DumpTable): void {
  if (table === 'sequences') db.exec('DELETE FROM sqlite_sequence')
  else db.exec(`DELETE FROM ${table}`)
}

function rowOf(table: DumpTable, row: Row): DumpRow {
  return Object.entries(DUMP_TABLES[table].columns).map(([column, type]): DumpCell => {
    const cell = row[column] ?? null
    if (cell === null) return null
    switch (type) {
      case 'name':
        return Buffer.from(text(cell))
      case 'text':
        return text(cell)
      case 'integer':
        return number(cell)
      case 'bytes':
        return bytes(cell)
    }
  })
}

function cellsOf(table: DumpTable, row: DumpRow): SQLInputValue[] {
  const types = Object.values(DUMP_TABLES[table].columns)
  const cells: SQLInputValue[] = row.map((cell, at) => (types[at] === 'name' ? nameOf(cell) : cell))
  if (table !== 'entries') return cells
  const name = nameOf(cellOf(table, row, 'name'))
  return [...cells, foldedCell(name), naturalKey(name)]
}

function nameOf(cell: DumpCell): string {
  return Buffer.from(bytes(cell)).toString()
}

function lastOf(db: Connection, table: string): number {
  return number(db.get('SELECT seq FROM sqlite_sequence WHERE name = ?', table)?.['seq'] ?? 0)
}

function setLast(db: Connection, table: string, last: number): void {
  if (db.run('UPDATE sqlite_sequence SET seq = ? WHERE name = ?', last, table).changes > 0) return
  db.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', table, last)
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ')
}
