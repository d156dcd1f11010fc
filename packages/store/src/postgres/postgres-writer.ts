import { SyncError, type FolderId, type HistoryEvent } from '@causeway/protocol'
import type { AuditWriter } from '../audit-rows.ts'
import type { DumpRow, DumpTable } from '../dump/tables.ts'
import type { FolderRow, FolderWrites, MetadataWriter } from '../metadata-store.ts'
import { FolderDigest } from '../folder-digest.ts'
import type { PeopleWriter } from '../people.ts'
import type { SignInWriter } from '../sign-ins.ts'
import { auditRows } from './audit-rows.ts'
import type { Value } from './connection.ts'
import { readDigest, saveDigest } from './digest-rows.ts'
import { emptyTable, loadRows } from './dump-rows.ts'
import { dropRows } from './drop-folder.ts'
import { KEY } from './entry-reader.ts'
import { FleetWriter } from './fleet-writer.ts'
import { loadBefore, type Before } from './load-before.ts'
import { noSuchFolder } from './no-such-folder.ts'
import { peopleRows } from './people-rows.ts'
import { readState, STATE_COLUMNS } from './rows.ts'
import { signInRows } from './sign-in-rows.ts'
import { writeEntries } from './write-entries.ts'
import { writeEvents } from './write-events.ts'
import { writeLog } from './write-log.ts'

/** A whole transaction: to what is inherited, folders and their logs. What is written is read back by the reading half. */
export class PostgresWriter extends FleetWriter implements MetadataWriter {
  override get people(): PeopleWriter {
    return peopleRows(this.db)
  }

  override get signIns(): SignInWriter {
    return signInRows(this.db)
  }

  override get audit(): AuditWriter {
    return auditRows(this.db)
  }

  async createFolder(folder: Omit<FolderRow, 'revision'>): Promise<void> {
    if ((await this.folderKey(folder.id)) !== undefined) {
      throw new SyncError('already-exists', `cannot create the folder ${folder.id}: there is one of that id`)
    }
    await this.db.run(
      `INSERT INTO folders (id, name, epoch, head, tag, clock, settings, halted, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      folder.id,
      folder.name,
      folder.epoch,
      folder.head,
      folder.tag,
      JSON.stringify(folder.clock),
      JSON.stringify(folder.settings),
      folder.halted,
      folder.createdAt,
    )
  }

  async updateFolder(id: FolderId, change: Parameters<MetadataWriter['updateFolder']>[1]): Promise<void> {
    const values: Value[] = [id]
    const sets = ['revision = revision + 1']
    const set = (column: string, value: Value): unknown => sets.push(`${column} = $${values.push(value)}`)
    if (change.name !== undefined) set('name', change.name)
    if (change.halted !== undefined) set('halted', change.halted)
    if (change.removed !== undefined) set('removed', change.removed === null ? null : JSON.stringify(change.removed))
    if (change.setBack !== undefined) set('set_back', JSON.stringify(change.setBack))
    if (change.settings !== undefined) set('settings', JSON.stringify(change.settings))
    const changed = await this.db.run(`UPDATE folders SET ${sets.join(', ')} WHERE id = $1`, ...values)
    if (changed === 0) throw noSuchFolder(id, 'change')
  }

  async dropFolder(id: FolderId, most: number): Promise<boolean> {
    const key = await this.folderKey(id)
    return key === undefined || dropRows(this.db, { id, key }, most)
  }

  /** Two round trips: what is to be known first, then everything at once. Events come last, under their lock. */
  async applyFolderWrites(writes: FolderWrites): Promise<readonly HistoryEvent[]> {
    const { contents } = writes
    const [before] = await Promise.all([
      loadBefore(this.db, writes),
      contents === undefined ? undefined : this.checkRemovals(contents),
    ])
    check(writes, before)
    return this.#write(writes, before)
  }

  async countDigest(folder: FolderId, most: number): Promise<boolean> {
    const key = await this.existingFolder(folder, 'sum up')
    const digest = (await readDigest(this.db, folder)) ?? FolderDigest.begin()
    if (digest.counted !== null) {
      const sql = `SELECT ${STATE_COLUMNS} FROM entries WHERE folder = $1 AND id > $2 ORDER BY id LIMIT $3`
      digest.count((await this.db.all(sql, key, digest.counted, most)).map(readState), most)
    }
    await saveDigest(this.db, key, digest)
    return digest.sums !== undefined
  }

  async forgetDigest(folder: FolderId): Promise<void> {
    await this.db.run(`DELETE FROM digests WHERE folder = ${KEY}`, folder)
  }

  async removeVersions(folder: FolderId, seqs: readonly number[]): Promise<void> {
    await this.db.run(`DELETE FROM versions WHERE folder = ${KEY} AND seq = ANY($2::bigint[])`, folder, seqs)
  }

  load(table: DumpTable, rows: readonly DumpRow[]): Promise<void> {
    return loadRows(this.db, table, rows)
  }

  emptyTable(table: DumpTable): Promise<void> {
    return emptyTable(this.db, table)
  }

  async #write(writes: FolderWrites, before: Before): Promise<readonly HistoryEvent[]> {
    const steps = [
      writes.contents === undefined ? undefined : this.writeContents(before.key, writes.contents),
      writeEntries(this.db, writes, before),
      writeLog(this.db, before.key, writes),
    ]
    const [events] = await Promise.all([writeEvents(this.db, before, writes.events), ...steps])
    return events
  }
}

/** Throws where the folder, or the committer's rights, are no longer what the commit was decided on. */
function check({ folder, decidedOn, head, by }: FolderWrites, before: Before): void {
  if (before.mayCommit === false) {
    throw new SyncError('outdated', `cannot commit to ${folder}: the rights of ${by?.node} were changed meanwhile`)
  }
  if (before.revision !== decidedOn) {
    throw new SyncError(
      'outdated',
      `cannot commit to ${folder}: it was decided on revision ${decidedOn}, and the folder is at ${before.revision}`,
    )
  }
  if (before.head > head) {
    throw new SyncError('internal', `cannot commit to ${folder}: its log is already past position ${head}`)
  }
}
