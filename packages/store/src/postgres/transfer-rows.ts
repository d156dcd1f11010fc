import {
  addSavings,
  NO_SAVINGS,
  SAVINGS_FIELDS,
  type EntryId,
  type FolderId,
  type HourSavings,
  type Savings,
  type Transfer,
  type TransferOrder,
} from '@causeway/protocol'
import { TRANSFERS_KEPT, type NewTransfer, type TransferFilter } from '../metadata-store.ts'
import { columnOf, hopOf, HOUR_MS, sumsOf } from '../sqlite/transfer-rows.ts'
import { contentHash, hashCell, number, text, textOrNull, time, timeCell } from '../sqlite/values.ts'
import type { Connection, Value } from './connection.ts'
import { appendInOrder } from './append-in-order.ts'
import { conditions } from './conditions.ts'

const SUMS = SAVINGS_FIELDS.map(columnOf)
const SUM_TYPES = Object.fromEntries(SUMS.map((column) => [column, 'bigint']))
const HOP_TYPES = { folder: 'bigint', node: 'text', direction: 'text' }
const TRANSFER_TYPES = {
  ...HOP_TYPES,
  entry: 'text',
  path: 'text',
  content: 'bytea',
  at_ms: 'bigint',
  ...SUM_TYPES,
}
const ADD_UP = `ON CONFLICT (hour_ms, folder, node, direction) DO UPDATE SET
  ${SUMS.map((column) => `${column} = savings.${column} + excluded.${column}`).join(', ')}`
const TOTAL = `SELECT ${SUMS.map((column) => `coalesce(sum(${column}), 0)::bigint AS ${column}`).join(', ')} FROM savings`

/** Saved against whole files: what those would have taken, less what crossed. */
const ORDERS: Readonly<Record<TransferOrder, string>> = {
  newest: 't.position DESC',
  'most-saved': 't.whole_file_bytes - t.wire_bytes DESC, t.position DESC',
  'least-saved': 't.whole_file_bytes - t.wire_bytes, t.position DESC',
}

export async function writeTransfers(db: Connection, transfers: readonly NewTransfer[]): Promise<Transfer[]> {
  const ids = [...new Set(transfers.map(({ folder }) => folder))]
  const found = await db.all('SELECT id, key FROM folders WHERE id = ANY($1::text[])', ids)
  const keys = new Map(found.map((row) => [text<FolderId>(row['id']), number(row['key'])]))
  const known = transfers.flatMap((transfer) => {
    const folder = keys.get(transfer.folder)
    return folder === undefined ? [] : [{ transfer, folder }]
  })
  const rows = known.map(({ transfer, folder }) => {
    const { node, direction, entry, path, content, at } = transfer
    const told = content === null ? null : hashCell(content)
    return [folder, node, direction, entry, path, told, timeCell(at), ...SAVINGS_FIELDS.map((field) => transfer[field])]
  })
  await addToHours(db, known)
  const positions = await appendInOrder(db, 'transfers', TRANSFER_TYPES, rows)
  const last = positions.at(-1) ?? 0
  if (last > TRANSFERS_KEPT) await db.run('DELETE FROM transfers WHERE position <= $1', last - TRANSFERS_KEPT)
  return known.map(({ transfer }, at) => ({ ...transfer, position: positions[at] ?? 0 }))
}

/** A statement must not meet one row twice: what belongs to one hour is added up first. */
async function addToHours(
  db: Connection,
  transfers: readonly { readonly transfer: NewTransfer; readonly folder: number }[],
): Promise<void> {
  const hours = new Map<string, { readonly hop: readonly (string | number)[]; sums: Savings }>()
  for (const { transfer, folder } of transfers) {
    const hourMs = Math.floor(timeCell(transfer.at) / HOUR_MS) * HOUR_MS
    const hop = [hourMs, folder, transfer.node, transfer.direction]
    const hour = hours.get(hop.join(' ')) ?? { hop, sums: NO_SAVINGS }
    hours.set(hop.join(' '), hour)
    hour.sums = addSavings(hour.sums, transfer)
  }
  const rows = [...hours.values()].map(({ hop, sums }) => [...hop, ...SAVINGS_FIELDS.map((field) => sums[field])])
  await db.insert('savings', { hour_ms: 'bigint', ...HOP_TYPES, ...SUM_TYPES }, rows, ADD_UP)
}

export async function readSavings(
  db: Connection,
  filter: TransferFilter,
  since: string | undefined,
): Promise<HourSavings[]> {
  const values: Value[] = [since === undefined ? 0 : Math.floor(timeCell(since) / HOUR_MS) * HOUR_MS]
  const sql = `SELECT t.*, f.id AS folder_id FROM savings t JOIN folders f ON f.key = t.folder
    ${conditions(hopFilter(filter), values, 't.hour_ms >= $1')} ORDER BY t.hour_ms, f.id, t.node, t.direction`
  return (await db.all(sql, ...values)).map((row) => ({ hour: time(row['hour_ms']), ...hopOf(row) }))
}

export async function readSavingsTotal(db: Connection): Promise<Savings> {
  const row = await db.get(TOTAL)
  return row === undefined ? NO_SAVINGS : sumsOf(row)
}

export async function readTransfers(
  db: Connection,
  filter: TransferFilter & { readonly entry?: EntryId },
  { order, before, limit }: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
): Promise<Transfer[]> {
  const values: Value[] = [limit, before ?? Number.MAX_SAFE_INTEGER]
  const sql = `SELECT t.*, f.id AS folder_id FROM transfers t JOIN folders f ON f.key = t.folder
    ${conditions({ ...hopFilter(filter), 't.entry': filter.entry }, values, 't.position < $2')} ORDER BY ${ORDERS[order]} LIMIT $1`
  return (await db.all(sql, ...values)).map((row) => ({
    position: number(row['position']),
    ...hopOf(row),
    entry: textOrNull<EntryId>(row['entry']),
    path: textOrNull(row['path']),
    content: row['content'] === null ? null : contentHash(row['content']),
    at: time(row['at_ms']),
  }))
}

function hopFilter({ folder, node, direction }: TransferFilter): Record<string, string | undefined> {
  return { 'f.id': folder, 't.node': node, 't.direction': direction }
}
