import type { FolderId, Hash, NodeId } from '@causeway/protocol'
import type { Asker } from '../metadata-store.ts'
import { hash, hashCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { KEY } from './entry-reader.ts'

const OWN = `SELECT hash FROM folder_contents WHERE folder = ${KEY} AND hash = ANY($2::bytea[])`
const READABLE = `SELECT had.hash FROM folder_contents had
  JOIN memberships member ON member.folder = had.folder AND member.node = $1 AND member.access = ANY($2::text[])
  WHERE had.hash = ANY($3::bytea[])`

/** Of some chunks and contents, those that are the folder's own or of others that the node may read. */
export async function contentsFor(db: Connection, asker: Asker, hashes: readonly Hash[]): Promise<ReadonlySet<Hash>> {
  const [own, readable] = await Promise.all([
    ownAmong(db, asker.folder, hashes),
    asker.node === undefined ? [] : readableAmong(db, { node: asker.node, reads: asker.reads }, hashes),
  ])
  return new Set([...own, ...readable])
}

export async function ownAmong(db: Connection, folder: FolderId, hashes: readonly Hash[]): Promise<readonly Hash[]> {
  if (hashes.length === 0) return []
  return (await db.all(OWN, folder, hashes.map(hashCell))).map((row) => hash(row['hash']))
}

/** Those that a folder has which the node carries with an access that reads. */
export async function readableAmong(
  db: Connection,
  { node, reads }: { readonly node: NodeId; readonly reads: Asker['reads'] },
  hashes: readonly Hash[],
): Promise<readonly Hash[]> {
  if (hashes.length === 0 || reads.length === 0) return []
  return (await db.all(READABLE, node, reads, hashes.map(hashCell))).map((row) => hash(row['hash']))
}

export async function addToFolder(db: Connection, folder: number, hashes: readonly Hash[]): Promise<void> {
  const rows = [...new Set(hashes)].map((one) => [hashCell(one), folder])
  await db.insert('folder_contents', { hash: 'bytea', folder: 'bigint' }, rows, 'ON CONFLICT DO NOTHING')
}

/** What is removed is no folder's any more: sent again, it is the sender's folder's. */
export async function forgetInFolders(db: Connection, hashes: readonly Hash[]): Promise<void> {
  await db.run('DELETE FROM folder_contents WHERE hash = ANY($1::bytea[])', hashes.map(hashCell))
}
