import type { EntryId } from '@causeway/protocol'
import { naturalKey } from '@causeway/engine'
import type { SQLInputValue } from 'node:sqlite'
import type { ListedRow, ListingPage, ListingPosition } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { readDirectorySums } from './directory-sums.ts'
import { STATE_COLUMNS, stateOf } from './rows.ts'

/** What an order by size or time looks at, of files and of directories. By name there is an index for each. */
const VALUES = {
  size: {
    file: 'coalesce(size, 0)',
    directory: sum('bytes'),
  },
  changed: {
    file: 'coalesce(CAST(mtime_ns AS INTEGER) / 1000000, 0)',
    directory: sum('newest_ms'),
  },
}

function sum(column: 'bytes' | 'newest_ms'): string {
  return `coalesce((SELECT s.${column} FROM directory_sums s WHERE s.folder = entries.folder AND s.id = entries.id), 0)`
}

/** One page of a directory: first of the directories in it, then of all else. */
export function readListing(db: Connection, folder: number, parent: EntryId, page: ListingPage): readonly ListedRow[] {
  const found: ListedRow[] = []
  for (const isDirectory of page.kind === 'directory' ? [true] : [true, false]) {
    if (page.after !== undefined && page.after.isDirectory !== isDirectory && isDirectory) continue
    const after = page.after?.isDirectory === isDirectory ? page.after : undefined
    found.push(...half(db, { folder, parent, isDirectory }, { ...page, after, limit: page.limit - found.length }))
  }
  return found
}

function half(
  db: Connection,
  { folder, parent, isDirectory }: { readonly folder: number; readonly parent: EntryId; readonly isDirectory: boolean },
  page: Omit<ListingPage, 'after'> & { readonly after: ListingPosition | undefined },
): readonly ListedRow[] {
  const { order, isDescending, after, limit } = page
  const keys = ['natural_name', 'name']
  const bounds: SQLInputValue[] = after === undefined ? [] : [naturalKey(after.name), after.name]
  if (order !== 'name') {
    keys.unshift(VALUES[order][isDirectory ? 'directory' : 'file'])
    if (after !== undefined) bounds.unshift(after.value)
  }
  const behind =
    after === undefined
      ? ''
      : `AND (${keys.join(', ')}) ${isDescending ? '<' : '>'} (${bounds.map(() => '?').join(', ')})`
  const sorted = keys.map((key) => `${key} ${isDescending ? 'DESC' : 'ASC'}`).join(', ')
  const sql = `SELECT ${STATE_COLUMNS} FROM entries INDEXED BY entries_listed
    WHERE folder = ? AND parent = ? AND (kind <> 'directory') = ? AND deleted = 0 ${behind}
    ORDER BY ${sorted} LIMIT ?`
  return db.all(sql, folder, parent, isDirectory ? 0 : 1, ...bounds, limit).map((row) => {
    const state = stateOf(row)
    return { state, within: isDirectory ? readDirectorySums(db, folder, state.id) : null }
  })
}
