import { SyncError, type ContentHash } from '@causeway/protocol'
import type { NewManifest } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { bytes, hashCell } from './values.ts'

/** Keeps a list as new, or finds it held already. Throws `outdated` where another list of that content is. */
export function keepManifest(db: Connection, { content, chunks, size, by }: NewManifest): void {
  const sql = `INSERT INTO manifests (content, chunks, size, told_by, proven) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (content) DO NOTHING`
  if (db.run(sql, hashCell(content), chunks, size, by ?? null, by === null ? 1 : 0).changes === 1) return
  const held = db.get('SELECT chunks FROM manifests WHERE content = ?', hashCell(content))?.['chunks']
  if (held !== undefined && Buffer.compare(bytes(held), chunks) !== 0) throw otherList(content)
}

/** True where a list was forgotten. */
export function settleManifest(
  db: Connection,
  content: ContentHash,
  { chunks, isRight }: { readonly chunks: Uint8Array; readonly isRight: boolean },
): boolean {
  const sql = isRight
    ? 'UPDATE manifests SET proven = 1 WHERE content = ? AND chunks = ?'
    : 'DELETE FROM manifests WHERE content = ? AND chunks = ? AND proven = 0'
  return db.run(sql, hashCell(content), chunks).changes > 0 && !isRight
}

export function otherList(content: ContentHash): SyncError {
  return new SyncError('outdated', `another chunk list of ${content} was named since it was looked up which is held`)
}
