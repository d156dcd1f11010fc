import type { EntryId } from '@causeway/protocol'
import { sumCommit, type DirectoryAbove, type WeighedChange } from '../directory-sums.ts'
import type { DirectorySums } from '../metadata-store.ts'
import type { Connection, Row } from './connection.ts'
import { number, numberOrNull, text, textOrNull } from './values.ts'

const COLUMNS = 'files, directories, symlinks, bytes, newest_ms'

/** What lies in a directory, however deep; zeros where nothing ever did. */
export function readDirectorySums(db: Connection, folder: number, id: EntryId): DirectorySums {
  return sumsOf(db.get(`SELECT ${COLUMNS} FROM directory_sums WHERE folder = ? AND id = ?`, folder, id))
}

/** From a row that holds the columns of `directory_sums`, or nulls in their place. */
export function sumsOf(row: Row | undefined): DirectorySums {
  if (row === undefined || row['files'] === null) {
    return { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null }
  }
  return {
    files: number(row['files']),
    directories: number(row['directories']),
    symlinks: number(row['symlinks']),
    bytes: number(row['bytes']),
    newestMs: numberOrNull(row['newest_ms']),
  }
}

/** Brings the sums of all directories up to date with one commit. */
export function keepDirectorySums(db: Connection, folder: number, change: WeighedChange): void {
  const changed = sumCommit(change, (from) => db.all(READ_UP, folder, from).map(directoryAbove))
  const rows = [...changed].map(([id, { files, directories, symlinks, bytes, newestMs }]) => {
    return [id, files, directories, symlinks, bytes, newestMs]
  })
  if (rows.length > 0) db.run(SAVE, folder, JSON.stringify(rows))
}

/** From a row with a directory's `id`, the one `above` it, and the columns of its sums. */
export function directoryAbove(row: Row): DirectoryAbove {
  return { id: text<EntryId>(row['id']), above: textOrNull<EntryId>(row['above']), sums: sumsOf(row) }
}

/** No tree is deeper; ends the way up through one that a fault has closed into a ring. */
const MAX_DEPTH = 1024
const ABOVE = "SELECT parent FROM entries WHERE folder = ?1 AND deleted = 0 AND kind = 'directory' AND id ="
const READ_UP = `
  WITH RECURSIVE up (id, above, depth) AS (
    SELECT ?2, (${ABOVE} ?2), 0
    UNION ALL SELECT up.above, (${ABOVE} up.above), up.depth + 1 FROM up
    WHERE up.above IS NOT NULL AND up.depth < ${MAX_DEPTH}
  )
  SELECT up.id, up.above, ${COLUMNS} FROM up LEFT JOIN directory_sums s ON s.folder = ?1 AND s.id = up.id`
const SAVE = `
  INSERT INTO directory_sums (folder, id, ${COLUMNS})
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?2) WHERE true
  ON CONFLICT (folder, id) DO UPDATE SET files = excluded.files, directories = excluded.directories,
    symlinks = excluded.symlinks, bytes = excluded.bytes, newest_ms = excluded.newest_ms`
