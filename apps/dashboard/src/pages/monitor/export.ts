import {
  actorOf,
  COORDINATOR_ID,
  SAVINGS_FIELDS,
  type Actor,
  type HistoryEvent,
  type Transfer,
} from '@causeway/protocol'
import type { NodeProblem } from './under-way.ts'

type Cell = string | number | null

const EVENT_COLUMNS = [
  'position',
  'at',
  'folder',
  'node',
  'counter',
  'kind',
  'decision',
  'path',
  'pathBefore',
  'entries',
  'sizeBytes',
  'seq',
  'reason',
] as const

const TRANSFER_COLUMNS = [
  'position',
  'at',
  'folder',
  'node',
  'direction',
  'path',
  'entry',
  'content',
  ...SAVINGS_FIELDS,
] as const

export function eventsAsCsv(events: readonly HistoryEvent[]): string {
  const rows = events.map((event) => [
    ...EVENT_COLUMNS.map((column) => event[column]),
    JSON.stringify(event.clock),
    whoOf(actorOf(event)),
  ])
  return asCsv([...EVENT_COLUMNS, 'clock', 'actor'], rows)
}

/** A person by name, all else by id. */
function whoOf(actor: Actor): string {
  if (actor.kind === 'person') return actor.name
  return actor.kind === 'node' ? actor.node : COORDINATOR_ID
}

export function transfersAsCsv(transfers: readonly Transfer[]): string {
  return asCsv(
    TRANSFER_COLUMNS,
    transfers.map((transfer) => TRANSFER_COLUMNS.map((column) => transfer[column])),
  )
}

/** A problem as it is written down: with its node by id and by name. */
export interface ProblemRow {
  readonly node: string
  readonly name: string
  readonly folder: string
  readonly path: string
  readonly code: string
  readonly message: string
}

export function problemRows(problems: readonly NodeProblem[]): readonly ProblemRow[] {
  return problems.map(({ node: { id, name }, folder, path, code, message }) => {
    return { node: id, name, folder, path, code, message }
  })
}

export function problemsAsCsv(rows: readonly ProblemRow[]): string {
  const columns = ['node', 'name', 'folder', 'path', 'code', 'message'] as const
  return asCsv(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  )
}

export function asJson(rows: readonly object[]): string {
  return `${JSON.stringify(rows, undefined, 2)}\n`
}

/** RFC 4180, with a heading; a cell that a spreadsheet would run as a formula is made plain text. */
function asCsv(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [heads.join(','), ...rows.map((row) => row.map(cell).join(','))].join('\r\n') + '\r\n'
}

function cell(value: Cell): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
