import {
  NO_SAVINGS,
  SAVINGS_FIELDS,
  type Direction,
  type EntryId,
  type FolderId,
  type HourSavings,
  type NodeId,
  type Savings,
  type Transfer,
  type TransferOrder,
} from '@causeway/protocol'
import type { SQLOutputValue } from 'node:sqlite'
import { TRANSFERS_KEPT, type NewTransfer, type TransferFilter } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { contentHash, hashCell, number, text, textOrNull, time, timeCell } from './values.ts'

export const HOUR_MS = 3_600_000
const COLUMNS = SAVINGS_FIELDS.map(columnOf)
const INSERT = `INSERT INTO transfers (folder, node, direction, entry, path, content, at_ms, ${COLUMNS.join(', ')})
  VALUES (?, ?, ?, ?, ?, ?, ?, ${COLUMNS.map(() => '?').join(', ')})`
const ADD = `INSERT INTO savings (hour_ms, folder, node, direction, ${COLUMNS.join(', ')})
  VALUES (?, ?, ?, ?, ${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (hour_ms, folder, node, direction) DO UPDATE SET
    ${COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')}`
const FILTER = `(?1 IS NULL OR f.id = ?1) AND (?2 IS NULL OR t.node = ?2) AND (?3 IS NULL OR t.direction = ?3)`

const TOTAL = `SELECT ${COLUMNS.map((column) => `coalesce(sum(${column}), 0) AS ${column}`).join(', ')} FROM savings`

/** Saved against whole files: what those would have taken, less what crossed. */
const ORDERS: Readonly<Record<TransferOrder, string>> = {
  newest: 't.position DESC',
  'most-saved': 't.whole_file_bytes - t.wire_bytes DESC, t.position DESC',
  'least-saved': 't.whole_file_bytes - t.wire_bytes, t.position DESC',
}

export function writeTransfers(
  db: Connection,
  transfers: readonly NewTransfer[],
  keyOf: (folder: FolderId) => number | undefined,
): Transfer[] {
  const written: Transfer[] = []
  let last = 0
  for (const transfer of transfers) {
    const folder = keyOf(transfer.folder)
    if (folder === undefined) continue
    const { node, direction, entry, path, content, at } = transfer
    const atMs = timeCell(at)
    const sums = SAVINGS_FIELDS.map((field) => transfer[field])
    const told = content === null ? null : hashCell(content)
    last = db.run(INSERT, folder, node, direction, entry, path, told, atMs, ...sums).lastRowId
    written.push({ ...transfer, position: last })
    db.run(ADD, Math.floor(atMs / HOUR_MS) * HOUR_MS, folder, node, direction, ...sums)
  }
  if (last > TRANSFERS_KEPT) db.run('DELETE FROM transfers WHERE position <= ?', last - TRANSFERS_KEPT)
  return written
}

export function readSavings(db: Connection, filter: TransferFilter, since: string | undefined): HourSavings[] {
  const sql = `SELECT t.*, f.id AS folder_id FROM savings t JOIN folders f ON f.key = t.folder
    WHERE ${FILTER} AND t.hour_ms >= ?4 ORDER BY t.hour_ms, f.id, t.node, t.direction`
  const from = since === undefined ? 0 : Math.floor(timeCell(since) / HOUR_MS) * HOUR_MS
  return db.all(sql, ...valuesOf(filter), from).map((row) => ({ hour: time(row['hour_ms']), ...hopOf(row) }))
}

export function readSavingsTotal(db: Connection): Savings {
  const row = db.get(TOTAL)
  return row === undefined ? NO_SAVINGS : sumsOf(row)
}

export function readTransfers(
  db: Connection,
  filter: TransferFilter & { readonly entry?: EntryId },
  { order, before, limit }: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
): Transfer[] {
  const sql = `SELECT t.*, f.id AS folder_id FROM transfers t JOIN folders f ON f.key = t.folder
    WHERE ${FILTER} AND (?4 IS NULL OR t.entry = ?4) AND (?5 IS NULL OR t.position < ?5) ORDER BY ${ORDERS[order]} LIMIT ?6`
  return db.all(sql, ...valuesOf(filter), filter.entry ?? null, before ?? null, limit).map((row) => ({
    position: number(row['position']),
    ...hopOf(row),
    entry: textOrNull<EntryId>(row['entry']),
    path: textOrNull(row['path']),
    content: row['content'] === null ? null : contentHash(row['content']),
    at: time(row['at_ms']),
  }))
}

type Row = Record<string, SQLOutputValue>

function valuesOf({ folder, node, direction }: TransferFilter): [string | null, string | null, string | null] {
  return [folder ?? null, node ?? null, direction ?? null]
}

export function hopOf(row: Row): Savings & { folder: FolderId; node: NodeId; direction: Direction } {
  return {
    folder: text(row['folder_id']),
    node: text(row['node']),
    direction: text(row['direction']),
    ...sumsOf(row),
  }
}

export function sumsOf(row: Row): Savings {
  return {
    files: number(row['files']),
    logicalBytes: number(row['logical_bytes']),
    wireBytes: number(row['wire_bytes']),
    reusedBytes: number(row['reused_bytes']),
    deltaBytes: number(row['delta_bytes']),
    deltaWireBytes: number(row['delta_wire_bytes']),
    packedBytes: number(row['packed_bytes']),
    packedWireBytes: number(row['packed_wire_bytes']),
    plainBytes: number(row['plain_bytes']),
    peerBytes: number(row['peer_bytes']),
    wholeFileBytes: number(row['whole_file_bytes']),
  }
}

/** `logicalBytes` is stored as `logical_bytes`. */
export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
