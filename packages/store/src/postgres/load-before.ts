import type { EntryId, EntryState } from '@causeway/protocol'
import type { DirectoryAbove } from '../directory-sums.ts'
import type { FolderDigest } from '../folder-digest.ts'
import type { FolderWrites } from '../metadata-store.ts'
import { directoryAbove } from '../sqlite/directory-sums.ts'
import { number } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { readDigest } from './digest-rows.ts'
import { KEY } from './entry-reader.ts'
import { noSuchFolder } from './no-such-folder.ts'
import { readState, STATE_COLUMNS } from './rows.ts'
import { causesOf } from './write-events.ts'

/** What has to be known before a commit is written. */
export interface Before {
  readonly key: number
  readonly revision: number
  readonly head: number
  /** Whether the committer's rights are those that were decided on; undefined where the coordinator commits. */
  readonly mayCommit: boolean | undefined
  readonly digest: FolderDigest | undefined
  /** The entries that the commit changes, as they were. */
  readonly states: readonly EntryState[]
  /** The directories that these were in or come into, and all above. */
  readonly above: ReadonlyMap<EntryId, DirectoryAbove>
  /** A new one for each cause of the commit's events. */
  readonly causes: readonly number[]
}

/**
 * Reads it in one round trip. The folder's row is locked first: whoever
 * commits to it next waits here, and is run again on what this one made of it.
 */
export async function loadBefore(db: Connection, { folder, by, states, events }: FolderWrites): Promise<Before> {
  const ids = [...new Set(states.map(({ id }) => id))]
  const parents = [...new Set(states.map(({ parent }) => parent))]
  const [row, rights, digest, before, above, causes] = await Promise.all([
    db.get('SELECT key, revision, head FROM folders WHERE id = $1 FOR NO KEY UPDATE', folder),
    by === undefined ? undefined : db.all(RIGHTS, folder, by.node, by.access),
    readDigest(db, folder),
    ids.length === 0 ? [] : db.all(BEFORE, folder, ids),
    ids.length === 0 ? [] : db.all(ABOVE, folder, ids, parents),
    events.length === 0 ? [] : db.all(NEW_CAUSES, causesOf(events).length),
  ])
  if (row === undefined) throw noSuchFolder(folder, 'commit to')
  return {
    key: number(row['key']),
    revision: number(row['revision']),
    head: number(row['head']),
    mayCommit: rights && rights.length > 0,
    digest,
    states: before.map(readState),
    above: new Map(above.map(directoryAbove).map((one) => [one.id, one])),
    causes: causes.map((cause) => number(cause['key'])),
  }
}

/** Locked: rights that are taken away are gone for every commit that is acknowledged later. */
const RIGHTS = `SELECT m.access FROM memberships m JOIN nodes n ON n.id = m.node
  WHERE m.folder = ${KEY} AND m.node = $2 AND m.access = $3 AND n.revoked = 0 FOR SHARE OF m, n`
const BEFORE = `SELECT ${STATE_COLUMNS} FROM entries WHERE folder = ${KEY} AND id = ANY($2::text[])`
const DIRECTORY = (id: string): string => `(
    SELECT parent FROM entries WHERE folder = ${KEY} AND id = ${id} AND deleted = 0 AND kind = 'directory'
  )`
const ABOVE = `
  WITH RECURSIVE changed (id) AS (
    SELECT unnest($2::text[])
    UNION SELECT unnest($3::text[])
    UNION SELECT parent FROM entries WHERE folder = ${KEY} AND id = ANY($2::text[])
  ), up (id, above) AS (
    SELECT id, ${DIRECTORY('changed.id')} FROM changed
    UNION SELECT up.above, ${DIRECTORY('up.above')} FROM up WHERE up.above IS NOT NULL
  )
  SELECT up.id, up.above, s.files, s.directories, s.symlinks, s.bytes, s.newest_ms
  FROM up LEFT JOIN directory_sums s ON s.folder = ${KEY} AND s.id = up.id`
const NEW_CAUSES = `SELECT nextval(pg_get_serial_sequence('event_causes', 'key')) AS key FROM generate_series(1, $1::integer)`
