import type { EntryId, EntryState } from '@causeway/protocol'
import { sumCommit, type Weighed } from '../directory-sums.ts'
import type { FolderWrites } from '../metadata-store.ts'
import { timeCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { saveDigest } from './digest-rows.ts'
import type { Before } from './load-before.ts'
import { foldedCell, naturalCell, STATE_TYPES, stateRow } from './rows.ts'

const ENTRY_TYPES = { folder: 'bigint', folded_name: 'bytea', natural_name: 'bytea', ...STATE_TYPES }
const OR_UPDATE = `ON CONFLICT (folder, id) DO UPDATE SET ${Object.keys(ENTRY_TYPES)
  .filter((column) => column !== 'folder' && column !== 'id')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`

/** Puts entries into their new state, whatever the order, and keeps all that is counted of the folder and its directories. */
export async function writeEntries(db: Connection, { states, at }: FolderWrites, before: Before): Promise<void> {
  const { key, digest } = before
  const newest = new Map(states.map((state) => [state.id, state]))
  for (const state of before.states) digest?.leaves(state)
  for (const state of newest.values()) digest?.arrives(state)
  const rows = [...newest.values()].map((state) => {
    return [key, foldedCell(state.name), naturalCell(state.name), ...stateRow(state)]
  })
  await Promise.all([
    // First every place that is given up, so that two entries of one commit may swap names.
    giveUpPlaces(db, before, newest),
    db.insert('entries', ENTRY_TYPES, rows, OR_UPDATE),
    saveCounts(db, before, [...newest.values()]),
    saveDigest(db, key, digest),
    saveDirectorySums(db, before, { arrived: [...newest.values()], atMs: timeCell(at) }),
  ])
}

async function giveUpPlaces(db: Connection, before: Before, newest: ReadonlyMap<EntryId, EntryState>): Promise<void> {
  const left = before.states.filter((old) => {
    const state = newest.get(old.id)
    return !old.deleted && state !== undefined && !isAt(state, old)
  })
  if (left.length === 0) return
  const sql = 'UPDATE entries SET deleted = 1 WHERE folder = $1 AND id = ANY($2::text[])'
  await db.run(
    sql,
    before.key,
    left.map(({ id }) => id),
  )
}

function isAt(state: EntryState, place: EntryState): boolean {
  return !state.deleted && state.parent === place.parent && state.name === place.name
}

async function saveCounts(db: Connection, before: Before, arrived: readonly EntryState[]): Promise<void> {
  const change = { file: 0, directory: 0, symlink: 0, bytes: 0 }
  const count = ({ deleted, content }: EntryState, by: 1 | -1): void => {
    if (deleted) return
    change[content.kind] += by
    if (content.kind === 'file') change.bytes += by * content.size
  }
  for (const state of before.states) count(state, -1)
  for (const state of arrived) count(state, 1)
  const { file, directory, symlink, bytes } = change
  if (file === 0 && directory === 0 && symlink === 0 && bytes === 0) return
  const sql = `UPDATE folders SET files = files + $2, directories = directories + $3, symlinks = symlinks + $4,
    bytes = bytes + $5 WHERE key = $1`
  await db.run(sql, before.key, file, directory, symlink, bytes)
}

const SUM_TYPES = {
  folder: 'bigint',
  id: 'text',
  files: 'bigint',
  directories: 'bigint',
  symlinks: 'bigint',
  bytes: 'bigint',
  newest_ms: 'bigint',
}
const SUMS_UPDATE = `ON CONFLICT (folder, id) DO UPDATE SET files = excluded.files, directories = excluded.directories,
  symlinks = excluded.symlinks, bytes = excluded.bytes, newest_ms = excluded.newest_ms`

async function saveDirectorySums(
  db: Connection,
  before: Before,
  { arrived, atMs }: { readonly arrived: readonly EntryState[]; readonly atMs: number },
): Promise<void> {
  const change = { left: before.states.filter(isLive).map(weighed), arrived: arrived.filter(isLive).map(weighed), atMs }
  const changed = sumCommit(change, function* (from) {
    const directory = before.above.get(from)
    if (directory !== undefined) yield directory
  })
  const rows = [...changed].map(([id, { files, directories, symlinks, bytes, newestMs }]) => {
    return [before.key, id, files, directories, symlinks, bytes, newestMs]
  })
  await db.insert('directory_sums', SUM_TYPES, rows, SUMS_UPDATE)
}

function isLive({ deleted }: EntryState): boolean {
  return !deleted
}

function weighed({ id, parent, content }: EntryState): Weighed {
  return { id, parent, kind: content.kind, size: content.kind === 'file' ? content.size : 0 }
}
