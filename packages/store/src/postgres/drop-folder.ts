import type { FolderId } from '@causeway/protocol'
import { number } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'

/** What a folder has any number of, and how one of its rows is named. */
const TABLES = [
  { table: 'entries', key: 'id' },
  { table: 'versions', key: 'seq' },
  { table: 'log_marks', key: 'seq' },
  { table: 'aliases', key: 'alias' },
  { table: 'conflicts', key: 'copy' },
  { table: 'folder_roles', key: 'person' },
  { table: 'transfers', key: 'position' },
  { table: 'directory_sums', key: 'id' },
  { table: 'memberships', key: 'node' },
  { table: 'folder_contents', key: 'hash' },
] as const

/** Forgets the next rows of a folder, at most so many of each table. True once the folder's own row has gone with them. */
export async function dropRows(
  db: Connection,
  folder: { readonly id: FolderId; readonly key: number },
  most: number,
): Promise<boolean> {
  const { id, key } = folder
  const more = await Promise.all([
    dropEvents(db, key, most),
    dropOutcomes(db, key, most),
    ...TABLES.map(async ({ table, key: name }) => {
      const sql = `DELETE FROM ${table} WHERE folder = $1 AND ${name} = ANY(
        ARRAY(SELECT ${name} FROM ${table} WHERE folder = $1 LIMIT $2))`
      return (await db.run(sql, key, most)) === most
    }),
  ])
  if (more.includes(true)) return false
  await Promise.all([
    db.run('DELETE FROM savings WHERE folder = $1', key),
    db.run('DELETE FROM digests WHERE folder = $1', key),
    forgetInInvites(db, id),
    forgetInGrants(db, id),
    db.run('DELETE FROM folders WHERE key = $1', key),
  ])
  return true
}

/** A later folder of the same id is not what the link was made for. What it still has of others stays good. */
async function forgetInInvites(db: Connection, id: FolderId): Promise<void> {
  const rest = 'UPDATE invites SET folders = (folders::jsonb - $1::text)::text WHERE folders::jsonb ? $1::text'
  await Promise.all([db.run(rest, id), db.run("DELETE FROM invites WHERE folders = '[]'")])
}

/** The same for what people may do in it. A token that is left with no folder is good for none. */
async function forgetInGrants(db: Connection, id: FolderId): Promise<void> {
  const others = `SELECT json_agg(role ORDER BY nth) FROM json_array_elements(roles::json) WITH ORDINALITY AS t (role, nth)
    WHERE role ->> 'folder' <> $1`
  const roles = `UPDATE person_invites SET roles = coalesce((${others})::text, '[]')
    WHERE used_by IS NULL AND roles::jsonb @> jsonb_build_array(jsonb_build_object('folder', $1::text))`
  const rest = 'UPDATE api_tokens SET folders = (folders::jsonb - $1::text)::text WHERE folders::jsonb ? $1::text'
  await Promise.all([db.run(roles, id), db.run(rest, id)])
}

/** A cause goes with the last of its events. True if there may be more. */
async function dropEvents(db: Connection, key: number, most: number): Promise<boolean> {
  const sql = `DELETE FROM events WHERE position = ANY(
    ARRAY(SELECT position FROM events WHERE folder = $1 ORDER BY position LIMIT $2)) RETURNING cause`
  const rows = await db.all(sql, key, most)
  const causes = [...new Set(rows.map((row) => number(row['cause'])))]
  const unused = `DELETE FROM event_causes c WHERE c.key = ANY($1::bigint[])
    AND NOT EXISTS (SELECT 1 FROM events e WHERE e.cause = c.key)`
  await db.run(unused, causes)
  return rows.length === most
}

async function dropOutcomes(db: Connection, key: number, most: number): Promise<boolean> {
  const sql = `DELETE FROM outcomes o USING (SELECT node, counter FROM outcomes WHERE folder = $1 LIMIT $2) AS next
    WHERE o.folder = $1 AND o.node = next.node AND o.counter = next.counter`
  return (await db.run(sql, key, most)) === most
}
