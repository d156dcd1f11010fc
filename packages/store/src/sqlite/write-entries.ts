import { naturalKey } from '@causeway/engine'
import type { EntryId, EntryKind, EntryState } from '@causeway/protocol'
import type { Connection, Row } from './connection.ts'
import { openDigest, saveDigest } from './digest-rows.ts'
import type { Weighed } from '../directory-sums.ts'
import { keepDirectorySums } from './directory-sums.ts'
import { STATE_COLUMNS, stateCells, stateOf } from './rows.ts'
import { flag, number, numberOrNull, text } from './values.ts'

const INSERT = `INSERT INTO entries (folder, folded_name, natural_name, ${STATE_COLUMNS}) VALUES`
const OR_UPDATE = `ON CONFLICT (folder, id) DO UPDATE SET folded_name = excluded.folded_name,
    natural_name = excluded.natural_name, seq = excluded.seq,
    parent = excluded.parent, name = excluded.name, place_vector = excluded.place_vector, kind = excluded.kind,
    hash = excluded.hash, size = excluded.size, mode = excluded.mode, mtime_ns = excluded.mtime_ns,
    target = excluded.target, content_vector = excluded.content_vector, deleted = excluded.deleted,
    existence_vector = excluded.existence_vector, conflict_of = excluded.conflict_of,
    reached_by = excluded.reached_by, mode_set_by = excluded.mode_set_by, bytes_vector = excluded.bytes_vector,
    saves = excluded.saves`

/** Puts entries into their new state, whatever the order, and keeps all that is counted of the folder and its directories. */
export function writeEntries(db: Connection, folder: number, states: readonly EntryState[], atMs: number): void {
  const tally = new Tally()
  const digest = openDigest(db, folder)
  const left: Weighed[] = []
  const newest = new Map(states.map((state) => [state.id, state]))
  // First every place that is given up, so that two entries of one commit may swap names.
  for (const before of rowsBefore(db, folder, [...newest.keys()])) {
    const state = newest.get(text(before['id']))
    if (state === undefined) continue
    tally.leaves(before)
    digest?.leaves(stateOf(before))
    if (!flag(before['deleted'])) left.push(weighedRow(before))
    if (
      !flag(before['deleted']) &&
      (state.deleted || state.parent !== before['parent'] || state.name !== before['name'])
    ) {
      db.run('UPDATE entries SET deleted = 1 WHERE folder = ? AND id = ?', folder, state.id)
    }
  }
  const rows = [...newest.values()].map((state) => [
    folder,
    foldedCell(state.name),
    naturalKey(state.name),
    ...stateCells(state),
  ])
  db.insert(INSERT, rows, OR_UPDATE)
  for (const state of newest.values()) {
    tally.arrives(state)
    digest?.arrives(state)
  }
  tally.save(db, folder)
  saveDigest(db, folder, digest)
  const arrived = [...newest.values()].filter(({ deleted }) => !deleted).map(weighed)
  keepDirectorySums(db, folder, { left, arrived, atMs })
}

function weighed({ id, parent, content }: EntryState): Weighed {
  return { id, parent, kind: content.kind, size: content.kind === 'file' ? content.size : 0 }
}

function weighedRow(row: Row): Weighed {
  return {
    id: text(row['id']),
    parent: text(row['parent']),
    kind: text(row['kind']),
    size: numberOrNull(row['size']) ?? 0,
  }
}

function rowsBefore(db: Connection, folder: number, ids: readonly EntryId[]): readonly Row[] {
  const sql = `SELECT ${STATE_COLUMNS} FROM entries
    WHERE folder = ? AND id IN (SELECT value FROM json_each(?))`
  return db.all(sql, folder, JSON.stringify(ids))
}

class Tally {
  readonly #change = { file: 0, directory: 0, symlink: 0, bytes: 0 }

  leaves(before: Row): void {
    if (flag(before['deleted'])) return
    const kind = before['kind']
    if (kind === 'file' || kind === 'directory' || kind === 'symlink') this.#add(kind, -1)
    if (before['size'] !== null) this.#change.bytes -= number(before['size'])
  }

  arrives(state: EntryState): void {
    if (state.deleted) return
    this.#add(state.content.kind, 1)
    if (state.content.kind === 'file') this.#change.bytes += state.content.size
  }

  save(db: Connection, folder: number): void {
    const { file, directory, symlink, bytes } = this.#change
    const sql = `UPDATE folders SET files = files + ?, directories = directories + ?, symlinks = symlinks + ?,
      bytes = bytes + ? WHERE key = ?`
    db.run(sql, file, directory, symlink, bytes, folder)
  }

  #add(kind: EntryKind, by: number): void {
    this.#change[kind] += by
  }
}

/** The name in lower case for search, where that is not the name itself. */
/** The name in lower case for search, where that is not the name itself. */
export function foldedCell(name: string): string | null {
  const folded = name.toLowerCase()
  return folded === name ? null : folded
}
