import { naturalKey } from '@causeway/engine'
import type { EntryState } from '@causeway/protocol'
import type { VersionRow } from '../metadata-store.ts'
import type { Row } from '../sqlite/connection.ts'
import { stateCells, stateOf, versionOf } from '../sqlite/rows.ts'
import { bytes } from '../sqlite/values.ts'

/** The columns that `stateCells` fills, in its order. */
export const STATE_TYPES = {
  id: 'text',
  seq: 'bigint',
  parent: 'text',
  name: 'bytea',
  place_vector: 'text',
  kind: 'text',
  hash: 'bytea',
  size: 'bigint',
  mode: 'bigint',
  mtime_ns: 'text',
  target: 'text',
  content_vector: 'text',
  deleted: 'integer',
  existence_vector: 'text',
  conflict_of: 'text',
  reached_by: 'text',
  mode_set_by: 'text',
  bytes_vector: 'text',
  saves: 'text',
} as const

export const STATE_COLUMNS = Object.keys(STATE_TYPES).join(', ')
/** The same of a table that was given a name. */
export const statesOf = (table: string): string =>
  Object.keys(STATE_TYPES)
    .map((column) => `${table}.${column}`)
    .join(', ')

type Cell = string | number | Uint8Array | null

export function stateRow(state: EntryState): Cell[] {
  const cells = stateCells(state)
  return Object.keys(STATE_TYPES).map((column, at) => (column === 'name' ? nameCell(state.name) : cellOf(cells[at])))
}

export function readState(row: Row): EntryState {
  return stateOf(withName(row))
}

export function readVersion(row: Row, folder: VersionRow['folder']): VersionRow {
  return versionOf(withName(row), folder)
}

/** A name as the bytes that it is compared by. */
export function nameCell(name: string): Uint8Array {
  return Buffer.from(name)
}

/** The name in lower case for search, where that is not the name itself. */
export function foldedCell(name: string): Uint8Array | null {
  const folded = name.toLowerCase()
  return folded === name ? null : nameCell(folded)
}

/** An index row holds no more than 2,704 bytes; names whose keys differ behind this only are in the order of their bytes. */
const NATURAL_BYTES = 1200

export function naturalCell(name: string): Uint8Array {
  return nameCell(naturalKey(name)).subarray(0, NATURAL_BYTES)
}

function withName(row: Row): Row {
  return { ...row, name: Buffer.from(bytes(row['name'])).toString() }
}

function cellOf(cell: ReturnType<typeof stateCells>[number] | undefined): Cell {
  if (cell === undefined || typeof cell === 'bigint' || ArrayBuffer.isView(cell)) {
    return cell instanceof Uint8Array ? cell : null
  }
  return cell
}
