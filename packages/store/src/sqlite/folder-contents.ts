import type { Hash } from '@causeway/protocol'
import type { Asker } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { hashCell } from './values.ts'

const OWN = 'SELECT 1 FROM folder_contents WHERE folder = ? AND hash = ?'
const READABLE = `SELECT 1 FROM memberships AS member
  JOIN folder_contents AS had ON had.folder = member.folder AND had.hash = ?1
  WHERE member.node = ?2 AND member.access IN (SELECT value FROM json_each(?3)) LIMIT 1`

/** True if a chunk or content is the folder's own. */
export function isOwn(db: Connection, folder: number | undefined, hash: Hash): boolean {
  return folder !== undefined && db.get(OWN, folder, hashCell(hash)) !== undefined
}

/** True if a folder that the node may read has it. */
export function isReadable(db: Connection, { node, reads }: Omit<Asker, 'folder'>, hash: Hash): boolean {
  if (node === undefined || reads.length === 0) return false
  return db.get(READABLE, hashCell(hash), node, JSON.stringify(reads)) !== undefined
}

export function addToFolder(db: Connection, folder: number, hashes: readonly Hash[]): void {
  const rows = hashes.map((hash) => [folder, hashCell(hash)])
  db.insert('INSERT INTO folder_contents (folder, hash) VALUES', rows, 'ON CONFLICT DO NOTHING')
}

/** What is removed is no folder's any more: sent again, it is the sender's folder's. */
export function forgetInFolders(db: Connection, hash: Hash): void {
  db.run('DELETE FROM folder_contents WHERE folder IN (SELECT key FROM folders) AND hash = ?', hashCell(hash))
}
