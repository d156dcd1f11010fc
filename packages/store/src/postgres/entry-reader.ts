import type { DigestSums } from '@causeway/engine'
import { type EntryId, type EntryState, type FolderId, type Place } from '@causeway/protocol'
import { FolderDigest } from '../folder-digest.ts'
import type {
  ChildrenPage,
  DirectorySums,
  FolderCounts,
  FolderRow,
  ListedRow,
  ListingPage,
  MetadataReader,
} from '../metadata-store.ts'
import { sumsOf } from '../sqlite/directory-sums.ts'
import { folderOf } from '../sqlite/rows.ts'
import { bytes, number, text, textOrNull } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { IS_LISTED_LATER, readListing } from './listing-rows.ts'
import { nameCell, readState, STATE_COLUMNS, statesOf } from './rows.ts'

/** The folder's key, by the id that is the first value of each of these statements. */
export const KEY = '(SELECT key FROM folders WHERE id = $1)'
/** No tree is deeper; ends the walk through one that a fault has closed into a ring. */
const MAX_DEPTH = 1024

const ENTRY = `SELECT ${STATE_COLUMNS} FROM entries`
/** What lies below entry $2, level by level. `next` gives the ids below `b.found`. */
const below = (next: string): string => `
  WITH RECURSIVE below (found, depth) AS (
    SELECT $2::text COLLATE "C", 0
    UNION ALL
    SELECT e.id, b.depth + 1 FROM below b CROSS JOIN LATERAL (${next}) e WHERE b.depth < ${MAX_DEPTH}
  )`
const CHILDREN = `SELECT id FROM entries WHERE folder = ${KEY} AND parent = b.found`
const LIVE = below(`${CHILDREN} AND deleted = 0`)
const BURIED = below(`${CHILDREN} AND deleted = 0 UNION ALL ${CHILDREN} AND deleted = 1 AND reached_by IS NOT NULL`)
const DIRECTORIES = below(`${CHILDREN} AND deleted = 0 AND ${IS_LISTED_LATER} = 0`)
const PARENTS_FIRST = `SELECT ${STATE_COLUMNS} FROM below JOIN entries ON folder = ${KEY} AND id = found
  WHERE depth > 0 ORDER BY depth`
/** All of `ids (id)` with the directories above them, up to the root. */
export const WITH_ANCESTORS = `
  up (id) AS (
    SELECT id FROM ids
    UNION SELECT e.parent FROM up JOIN entries e ON e.folder = ${KEY} AND e.id = up.id
  )
  SELECT ${statesOf('e')} FROM up JOIN entries e ON e.folder = ${KEY} AND e.id = up.id`

type EntryReads =
  | 'folders'
  | 'folder'
  | 'counts'
  | 'entries'
  | 'entriesAt'
  | 'children'
  | 'listing'
  | 'childCount'
  | 'directorySums'
  | 'directoriesAfter'
  | 'digest'
  | 'descendants'
  | 'buriedBelow'
  | 'copiesOf'
  | 'ancestors'
  | 'levelsBelow'
  | 'searchEntries'
  | 'aliases'

/** Folders and what lies in them now. */
export class EntryReader implements Pick<MetadataReader, EntryReads> {
  protected readonly db: Connection

  constructor(connection: Connection) {
    this.db = connection
  }

  async folders(): Promise<readonly FolderRow[]> {
    return (await this.db.all('SELECT * FROM folders ORDER BY id')).map(folderOf)
  }

  async folder(id: FolderId): Promise<FolderRow | undefined> {
    const row = await this.db.get('SELECT * FROM folders WHERE id = $1', id)
    return row && folderOf(row)
  }

  async counts(folder: FolderId): Promise<FolderCounts> {
    return countsOf(await this.db.get('SELECT files, directories, symlinks, bytes FROM folders WHERE id = $1', folder))
  }

  async entries(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]> {
    return this.#states(`${ENTRY} WHERE folder = ${KEY} AND id = ANY($2::text[])`, folder, ids)
  }

  async entriesAt(folder: FolderId, places: readonly Place[]): Promise<readonly EntryState[]> {
    const sql = `SELECT DISTINCT ON (e.id) ${statesOf('e')} FROM unnest($2::text[], $3::bytea[]) AS p (parent, name)
      JOIN entries e ON e.folder = ${KEY} AND e.parent = p.parent AND e.name = p.name AND e.deleted = 0`
    return this.#states(
      sql,
      folder,
      places.map(({ parent }) => parent),
      places.map(({ name }) => nameCell(name)),
    )
  }

  async children(folder: FolderId, parent: EntryId, page: ChildrenPage): Promise<readonly EntryState[]> {
    const sql = `${ENTRY} WHERE folder = ${KEY} AND parent = $2 AND name > $3 AND deleted = 0 ORDER BY name LIMIT $4`
    return this.#states(sql, folder, parent, nameCell(page.after ?? ''), page.limit)
  }

  listing(folder: FolderId, parent: EntryId, page: ListingPage): Promise<readonly ListedRow[]> {
    return readListing(this.db, { folder, parent }, page)
  }

  async childCount(folder: FolderId, parent: EntryId): Promise<number> {
    const sql = `SELECT count(*) AS n FROM entries WHERE folder = ${KEY} AND parent = $2 AND deleted = 0`
    return number((await this.db.get(sql, folder, parent))?.['n'])
  }

  async directorySums(folder: FolderId, id: EntryId): Promise<DirectorySums> {
    const sql = `SELECT files, directories, symlinks, bytes, newest_ms FROM directory_sums WHERE folder = ${KEY} AND id = $2`
    return sumsOf(await this.db.get(sql, folder, id))
  }

  async directoriesAfter(folder: FolderId, after: string, limit: number): Promise<readonly EntryId[]> {
    // From one parent to the next: what lies in each is leapt over.
    const next = `SELECT min(parent) FROM entries WHERE folder = ${KEY} AND deleted = 0 AND parent >`
    const sql = `
      WITH RECURSIVE directories (parent) AS (
        SELECT (${next} $2)
        UNION ALL SELECT (${next} d.parent) FROM directories d WHERE d.parent IS NOT NULL
      )
      SELECT parent FROM directories WHERE parent IS NOT NULL LIMIT $3`
    return (await this.db.all(sql, folder, after, limit)).map((row) => text(row['parent']))
  }

  async digest(folder: FolderId): Promise<DigestSums | undefined> {
    const row = await this.db.get(`SELECT counted, sums FROM digests WHERE folder = ${KEY}`, folder)
    return row && FolderDigest.open({ sums: bytes(row['sums']), counted: textOrNull(row['counted']) }).sums
  }

  async descendants(folder: FolderId, id: EntryId): Promise<readonly EntryState[]> {
    return this.#states(`${LIVE} ${PARENTS_FIRST}`, folder, id)
  }

  async buriedBelow(folder: FolderId, id: EntryId): Promise<readonly EntryState[]> {
    return this.#states(`${BURIED} ${PARENTS_FIRST}`, folder, id)
  }

  async copiesOf(folder: FolderId, rival: EntryId): Promise<readonly EntryState[]> {
    const sql = `
      SELECT ${statesOf('e')} FROM conflicts c JOIN entries e ON e.folder = c.folder AND e.id = c.copy
      WHERE c.folder = ${KEY} AND c.rival = $2 AND c.settled IS NULL AND e.deleted = 0
      UNION ALL
      SELECT ${STATE_COLUMNS} FROM entries
      WHERE folder = ${KEY} AND conflict_of = $2 AND deleted = 1 AND bytes_vector IS NOT NULL`
    return this.#states(sql, folder, rival)
  }

  async ancestors(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]> {
    const sql = `WITH RECURSIVE ids (id) AS (
        SELECT DISTINCT parent FROM entries WHERE folder = ${KEY} AND id = ANY($2::text[])
      ), ${WITH_ANCESTORS}`
    return this.#states(sql, folder, ids)
  }

  async levelsBelow(folder: FolderId, id: EntryId): Promise<number> {
    const row = await this.db.get(`${DIRECTORIES} SELECT max(depth) AS levels FROM below`, folder, id)
    return number(row?.['levels'])
  }

  async searchEntries(folder: FolderId, wanted: string, limit: number): Promise<readonly EntryState[]> {
    const sql = `${ENTRY} WHERE folder = ${KEY} AND deleted = 0 AND position($2 IN coalesce(folded_name, name)) > 0
      ORDER BY name, id LIMIT $3`
    return this.#states(sql, folder, nameCell(wanted.toLowerCase()), limit)
  }

  async aliases(folder: FolderId, ids: readonly EntryId[]): Promise<ReadonlyMap<EntryId, EntryId>> {
    const sql = `SELECT alias, entry FROM aliases WHERE folder = ${KEY} AND alias = ANY($2::text[])`
    return aliasesOf(await this.db.all(sql, folder, ids))
  }

  async #states(sql: string, ...values: Parameters<Connection['all']>[1][]): Promise<readonly EntryState[]> {
    return (await this.db.all(sql, ...values)).map(readState)
  }
}

export function countsOf(row: Awaited<ReturnType<Connection['get']>>): FolderCounts {
  if (row === undefined) return { files: 0, directories: 0, symlinks: 0, bytes: 0 }
  const { files, directories, symlinks, bytes: size } = row
  return { files: number(files), directories: number(directories), symlinks: number(symlinks), bytes: number(size) }
}

export function aliasesOf(rows: Awaited<ReturnType<Connection['all']>>): Map<EntryId, EntryId> {
  return new Map(rows.map((row) => [text<EntryId>(row['alias']), text<EntryId>(row['entry'])]))
}
