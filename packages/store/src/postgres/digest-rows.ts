import type { FolderId } from '@causeway/protocol'
import { FolderDigest } from '../folder-digest.ts'
import { bytes, textOrNull } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { KEY } from './entry-reader.ts'

export async function readDigest(db: Connection, folder: FolderId): Promise<FolderDigest | undefined> {
  const row = await db.get(`SELECT counted, sums FROM digests WHERE folder = ${KEY}`, folder)
  return row && FolderDigest.open({ sums: bytes(row['sums']), counted: textOrNull(row['counted']) })
}

export async function saveDigest(db: Connection, folder: number, digest: FolderDigest | undefined): Promise<void> {
  const changed = digest?.changed
  if (changed === undefined) return
  const sql = `INSERT INTO digests (folder, counted, sums) VALUES ($1, $2, $3)
    ON CONFLICT (folder) DO UPDATE SET counted = excluded.counted, sums = excluded.sums`
  await db.run(sql, folder, changed.counted, changed.sums)
}
