import { FolderDigest } from '../folder-digest.ts'
import type { Connection } from './connection.ts'
import { STATE_COLUMNS, stateOf } from './rows.ts'
import { bytes, textOrNull } from './values.ts'

export function openDigest(db: Connection, folder: number): FolderDigest | undefined {
  const row = db.get('SELECT counted, sums FROM digests WHERE folder = ?', folder)
  return row && FolderDigest.open({ sums: bytes(row['sums']), counted: textOrNull(row['counted']) })
}

export function saveDigest(db: Connection, folder: number, digest: FolderDigest | undefined): void {
  const changed = digest?.changed
  if (changed === undefined) return
  const sql = `INSERT INTO digests (folder, counted, sums) VALUES (?, ?, ?)
    ON CONFLICT (folder) DO UPDATE SET counted = excluded.counted, sums = excluded.sums`
  db.run(sql, folder, changed.counted, changed.sums)
}

/** Counts the next `most` entries of a folder. True once all are. */
export function countDigest(db: Connection, folder: number, most: number): boolean {
  const digest = openDigest(db, folder) ?? FolderDigest.begin()
  if (digest.counted !== null) {
    const sql = `SELECT ${STATE_COLUMNS} FROM entries WHERE folder = ? AND id > ? ORDER BY id LIMIT ?`
    digest.count(db.all(sql, folder, digest.counted, most).map(stateOf), most)
  }
  saveDigest(db, folder, digest)
  return digest.sums !== undefined
}
