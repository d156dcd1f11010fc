import type { FolderId } from '@causeway/protocol'
import type { Connection } from './connection.ts'
import { number } from './values.ts'

/** What a folder has any number of, and how one of its rows is named. */
const TABLES = [
  { table: 'entries', key: 'id' },
  { table: 'versions', key: 'seq' },
  { table: 'log_marks', key: 'seq' },
  { table: 'aliases', key: 'alias' },
  { table: 'conflicts', key: 'copy' },
  { table: 'transfers', key: 'position' },
  { table: 'directory_sums', key: 'id' },
  { table: 'memberships', key: 'node' },
  { table: 'folder_contents', key: 'hash' },
  { table: 'folder_roles', key: 'person' },
] as const

/** Forgets the next rows of a folder, at most so many of each table. True once the folder's own row has gone with them. */
export function dropRows(
  db: Connection,
  folder: { readonly id: FolderId; readonly key: number },
  most: number,
): boolean {
  const { id, key } = folder
  let left = dropEvents(db, key, most)
  for (const { table, key: name } of TABLES) {
    const sql = `DELETE FROM ${table} WHERE folder = ?1 AND ${name} IN
      (SELECT ${name} FROM ${table} WHERE folder = ?1 LIMIT ?2)`
    if (db.run(sql, key, most).changes === most) left = true
  }
  if (dropOutcomes(db, key, most)) left = true
  if (left) return false
  db.run('DELETE FROM savings WHERE folder = ?', key)
  db.run('DELETE FROM digests WHERE folder = ?', key)
  forgetInInvites(db, id)
  db.run('DELETE FROM folders WHERE key = ?', key)
  return true
}

/** A later folder of the same id is not what the link was made for. What it still has of others stays good. */
function forgetInInvites(db: Connection, id: FolderId): void {
  const rest = '(SELECT json_group_array(value) FROM json_each(invites.folders) WHERE value <> ?1)'
  db.run(`UPDATE invites SET folders = ${rest} WHERE EXISTS (SELECT 1 FROM json_each(folders) WHERE value = ?1)`, id)
  db.run("DELETE FROM invites WHERE folders = '[]'")
  const roles = `(SELECT json_group_array(json(value)) FROM json_each(person_invites.roles) WHERE value ->> 'folder' <> ?1)`
  const has = `EXISTS (SELECT 1 FROM json_each(roles) WHERE value ->> 'folder' = ?1)`
  db.run(`UPDATE person_invites SET roles = ${roles} WHERE used_by IS NULL AND ${has}`, id)
  // A token that is left with no folder is good for none.
  const folders = '(SELECT json_group_array(value) FROM json_each(api_tokens.folders) WHERE value <> ?1)'
  const names = 'EXISTS (SELECT 1 FROM json_each(folders) WHERE value = ?1)'
  db.run(`UPDATE api_tokens SET folders = ${folders} WHERE folders IS NOT NULL AND ${names}`, id)
}

/** A cause goes with the last of its events. True if there may be more. */
function dropEvents(db: Connection, key: number, most: number): boolean {
  const rows = db.all('SELECT position, cause FROM events WHERE folder = ? ORDER BY position LIMIT ?', key, most)
  for (const row of rows) db.run('DELETE FROM events WHERE position = ?', number(row['position']))
  const sql = 'DELETE FROM event_causes WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE cause = ?1)'
  for (const cause of new Set(rows.map((row) => number(row['cause'])))) db.run(sql, cause)
  return rows.length === most
}

function dropOutcomes(db: Connection, key: number, most: number): boolean {
  const sql = `DELETE FROM outcomes WHERE folder = ?1 AND (node, counter) IN
    (SELECT node, counter FROM outcomes WHERE folder = ?1 LIMIT ?2)`
  return db.run(sql, key, most).changes === most
}
