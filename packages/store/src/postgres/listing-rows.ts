import type { EntryId, FolderId } from '@causeway/protocol'
import type { ListedRow, ListingPage, ListingPosition } from '../metadata-store.ts'
import { sumsOf } from '../sqlite/directory-sums.ts'
import type { Connection, Value } from './connection.ts'
import { nameCell, naturalCell, readState, statesOf } from './rows.ts'

/** What an order by size or time looks at, of files and of directories. By name there is an index for each. */
const VALUES = {
  size: { file: 'coalesce(e.size, 0)', directory: 'coalesce(s.bytes, 0)' },
  changed: { file: 'coalesce(e.mtime_ns::bigint / 1000000, 0)', directory: 'coalesce(s.newest_ms, 0)' },
}

/** 0 for directories, which come first, and 1 for all else: as the index has it. */
export const IS_LISTED_LATER = "(CASE WHEN kind = 'directory' THEN 0 ELSE 1 END)"

interface Directory {
  readonly folder: FolderId
  readonly parent: EntryId
}

/** One page of a directory: first of the directories in it, then of all else. */
export async function readListing(db: Connection, where: Directory, page: ListingPage): Promise<readonly ListedRow[]> {
  const found: ListedRow[] = []
  for (const isDirectory of page.kind === 'directory' ? [true] : [true, false]) {
    if (page.after !== undefined && page.after.isDirectory !== isDirectory && isDirectory) continue
    if (page.limit === found.length) break
    const after = page.after?.isDirectory === isDirectory ? page.after : undefined
    found.push(...(await half(db, { ...where, isDirectory }, { ...page, after, limit: page.limit - found.length })))
  }
  return found
}

async function half(
  db: Connection,
  { folder, parent, isDirectory }: Directory & { readonly isDirectory: boolean },
  page: Omit<ListingPage, 'after'> & { readonly after: ListingPosition | undefined },
): Promise<readonly ListedRow[]> {
  const { order, isDescending, after, limit } = page
  const keys = ['e.natural_name', 'e.name']
  const bounds: Value[] = after === undefined ? [] : [naturalCell(after.name), nameCell(after.name)]
  if (order !== 'name') {
    keys.unshift(VALUES[order][isDirectory ? 'directory' : 'file'])
    if (after !== undefined) bounds.unshift(after.value)
  }
  const marks = bounds.map((_, at) => `$${at + 4}`).join(', ')
  const behind = after === undefined ? '' : `AND (${keys.join(', ')}) ${isDescending ? '<' : '>'} (${marks})`
  const sorted = keys.map((key) => `${key} ${isDescending ? 'DESC' : 'ASC'}`).join(', ')
  const kind = `${IS_LISTED_LATER} = ${isDirectory ? 0 : 1}`
  const sql = `SELECT ${statesOf('e')}, s.files AS files, s.directories, s.symlinks, s.bytes, s.newest_ms
    FROM entries e LEFT JOIN directory_sums s ON s.folder = e.folder AND s.id = e.id
    WHERE e.folder = (SELECT key FROM folders WHERE id = $1) AND e.parent = $2 AND ${kind} AND e.deleted = 0 ${behind}
    ORDER BY ${sorted} LIMIT $3`
  return (await db.all(sql, folder, parent, limit, ...bounds)).map((row) => {
    return { state: readState(row), within: isDirectory ? sumsOf(row) : null }
  })
}
