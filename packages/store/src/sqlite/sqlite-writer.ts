import { toldState } from '@causeway/engine'
import {
  SyncError,
  type ChunkId,
  type ContentHash,
  type EntryId,
  type FolderId,
  type Hash,
  type HistoryEvent,
  type NodeId,
  type Transfer,
} from '@causeway/protocol'
import type {
  AssignmentRow,
  ChunkRow,
  ContentWrites,
  FolderRow,
  FolderWrites,
  GarbageKind,
  InviteRow,
  LeaseRow,
  MembershipRow,
  MetadataWriter,
  NewTransfer,
  NodeChange,
  NodeRow,
  PackRow,
  NewThroughput,
  Watch,
} from '../metadata-store.ts'
import type { DumpRow, DumpTable } from '../dump/tables.ts'
import { emptyTable, loadRows } from './dump-rows.ts'
import { dropRows } from './drop-folder.ts'
import { addToFolder, forgetInFolders } from './folder-contents.ts'
import { countDigest } from './digest-rows.ts'
import { keepManifest, settleManifest } from './manifest-rows.ts'
import { writeEntries } from './write-entries.ts'
import { writeEvents } from './write-events.ts'
import { writeThroughput } from './throughput-rows.ts'
import { writeTransfers } from './transfer-rows.ts'
import { addPackTail, beginPack, noteChunksIn, notePacks, openPack, retirePacks, sealPack } from './pack-rows.ts'
import { registersCell, STATE_COLUMNS, stateCells } from './rows.ts'
import type { AuditWriter } from '../audit-rows.ts'
import type { PeopleWriter } from '../people.ts'
import type { SignInWriter } from '../sign-ins.ts'
import { auditRows } from './audit-rows.ts'
import { peopleRows } from './people-rows.ts'
import { signInRows } from './sign-in-rows.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { hashCell, timeCell } from './values.ts'

const VERSION_INSERT = `INSERT INTO versions (folder, registers, node, counter, at_ms, ${STATE_COLUMNS}) VALUES`
const CHUNK_INSERT = 'INSERT INTO chunks (hash, pack, offset, stored_size, size, compressed) VALUES'
const OUTCOME_INSERT = 'INSERT INTO outcomes (folder, node, counter, outcome) VALUES'

/** A whole transaction: what is written here is read back at once by the reading half. */
export class SqliteWriter extends SqliteReader implements MetadataWriter {
  override get people(): PeopleWriter {
    return peopleRows(() => this.db)
  }

  override get signIns(): SignInWriter {
    return signInRows(() => this.db)
  }

  override get audit(): AuditWriter {
    return auditRows(() => this.db)
  }

  async createFolder(folder: Omit<FolderRow, 'revision'>): Promise<void> {
    if (this.folderKey(folder.id) !== undefined) {
      throw new SyncError('already-exists', `cannot create the folder ${folder.id}: there is one of that id`)
    }
    this.db.run(
      `INSERT INTO folders (id, name, epoch, head, tag, clock, settings, halted, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    const key = this.#existingFolder(id, 'change')
    this.db.run('UPDATE folders SET revision = revision + 1 WHERE key = ?', key)
    if (change.name !== undefined) this.db.run('UPDATE folders SET name = ? WHERE key = ?', change.name, key)
    if (change.halted !== undefined) this.db.run('UPDATE folders SET halted = ? WHERE key = ?', change.halted, key)
    if (change.removed !== undefined) {
      const removed = change.removed === null ? null : JSON.stringify(change.removed)
      this.db.run('UPDATE folders SET removed = ? WHERE key = ?', removed, key)
    }
    if (change.setBack !== undefined) {
      this.db.run('UPDATE folders SET set_back = ? WHERE key = ?', JSON.stringify(change.setBack), key)
    }
    if (change.settings !== undefined) {
      this.db.run('UPDATE folders SET settings = ? WHERE key = ?', JSON.stringify(change.settings), key)
    }
  }

  async dropFolder(id: FolderId, most: number): Promise<boolean> {
    const key = this.folderKey(id)
    return key === undefined || dropRows(this.db, { id, key }, most)
  }

  async applyFolderWrites(writes: FolderWrites): Promise<readonly HistoryEvent[]> {
    const key = this.#existingFolder(writes.folder, 'commit to')
    this.#checkRights(key, writes)
    if (writes.contents !== undefined) await this.#checkRemovals(writes.contents)
    this.#moveHead(key, writes)
    if (writes.contents !== undefined) await this.#writeContents(key, writes.contents)
    writeEntries(this.db, key, writes.states, timeCell(writes.at))
    this.#writeVersions(key, writes)
    this.#writeAliases(key, writes.aliases)
    this.#writeConflicts(key, writes)
    this.#writeOutcomes(key, writes.outcomes)
    return writeEvents(this.db, key, writes.events)
  }

  async countDigest(folder: FolderId, most: number): Promise<boolean> {
    return countDigest(this.db, this.#existingFolder(folder, 'sum up'), most)
  }

  async forgetDigest(folder: FolderId): Promise<void> {
    const key = this.folderKey(folder)
    if (key !== undefined) this.db.run('DELETE FROM digests WHERE folder = ?', key)
  }

  async keepContents(folder: FolderId, contents: ContentWrites): Promise<void> {
    const key = this.#existingFolder(folder, 'keep contents of')
    await this.#checkRemovals(contents)
    await this.#writeContents(key, contents)
  }

  async addToFolder(folder: FolderId, hashes: readonly Hash[]): Promise<void> {
    addToFolder(this.db, this.#existingFolder(folder, 'keep contents of'), hashes)
  }

  async #writeContents(folder: number, { chunks, manifests, claimed }: ContentWrites): Promise<void> {
    const named = [...chunks.map(({ hash }) => hash), ...manifests.map(({ content }) => content), ...claimed]
    addToFolder(this.db, folder, [...new Set(named)])
    if (chunks.length > 0) await this.addChunks(chunks)
    if (claimed.length > 0 && this.#hasGarbage()) {
      const sql = "DELETE FROM garbage WHERE kind IN ('chunk', 'manifest') AND name IN (SELECT value FROM json_each(?))"
      this.db.run(sql, JSON.stringify(claimed))
    }
    for (const list of manifests) keepManifest(this.db, list)
  }

  async settleManifest(content: ContentHash, chunks: Uint8Array, isRight: boolean): Promise<void> {
    if (!settleManifest(this.db, content, { chunks, isRight })) return
    forgetInFolders(this.db, content)
    this.#countRemoval()
  }

  async removeMarked(kind: 'chunk' | 'manifest', marks: ReadonlyMap<Hash, string>): Promise<readonly Hash[]> {
    const unmark = 'DELETE FROM garbage WHERE kind = ? AND name = ? AND marked_ms = ?'
    const remove = kind === 'chunk' ? 'DELETE FROM chunks WHERE hash = ?' : 'DELETE FROM manifests WHERE content = ?'
    const removed: Hash[] = []
    for (const [name, at] of marks) {
      if (this.db.run(unmark, kind, name, timeCell(at)).changes === 0) continue
      this.db.run(remove, hashCell(name))
      forgetInFolders(this.db, name)
      removed.push(name)
    }
    if (removed.length > 0) this.#countRemoval()
    return removed
  }

  async addChunks(chunks: readonly ChunkRow[]): Promise<void> {
    this.db.insert(CHUNK_INSERT, chunks.map(chunkCells), 'ON CONFLICT (hash) DO NOTHING')
    if (this.#hasGarbage()) {
      await this.unmarkGarbage(
        'chunk',
        chunks.map((chunk) => chunk.hash),
      )
    }
    if (this.db.get('SELECT 1 FROM lost_chunks LIMIT 1')) await this.forgetLost(chunks.map(({ hash }) => hash))
    this.#noteEnds(chunks)
  }

  async loseChunks(hashes: readonly ChunkId[]): Promise<void> {
    const sql = 'INSERT OR IGNORE INTO lost_chunks (hash) SELECT hash FROM chunks WHERE hash = ?'
    let lost = 0
    for (const hash of hashes) {
      this.db.run(sql, hashCell(hash))
      lost += this.db.run('DELETE FROM chunks WHERE hash = ?', hashCell(hash)).changes
    }
    await this.unmarkGarbage('chunk', hashes)
    if (lost > 0) this.#countRemoval()
  }

  async forgetLost(hashes: readonly ChunkId[]): Promise<void> {
    for (const hash of hashes) this.db.run('DELETE FROM lost_chunks WHERE hash = ?', hashCell(hash))
  }

  async notePacks(packs: readonly Pick<PackRow, 'pack' | 'knownTo'>[]): Promise<void> {
    notePacks(this.db, packs)
  }

  async openPack(pack: string, owner: string): Promise<boolean> {
    return openPack(this.db, pack, owner)
  }

  async beginPack(owner: string): Promise<string> {
    return beginPack(this.db, owner)
  }

  async addPackTail(pack: string, tail: Parameters<MetadataWriter['addPackTail']>[1]): Promise<boolean> {
    return addPackTail(this.db, pack, tail)
  }

  async dropPackTail(pack: string): Promise<void> {
    this.db.run('DELETE FROM pack_tails WHERE pack = ?', pack)
  }

  async sealPack(pack: string, what: Parameters<MetadataWriter['sealPack']>[1]): Promise<void> {
    sealPack(this.db, pack, what)
  }

  async retirePacks(marks: ReadonlyMap<string, string>): Promise<readonly string[]> {
    return retirePacks(this.db, marks)
  }

  async losePacks(packs: readonly string[]): Promise<void> {
    const sql = "UPDATE packs SET state = 'lost' WHERE name = ? AND state <> 'retired'"
    for (const pack of packs) this.db.run(sql, pack)
  }

  async relocateChunks(chunks: readonly ChunkRow[]): Promise<void> {
    const sql = 'UPDATE chunks SET pack = ?, offset = ?, stored_size = ?, size = ?, compressed = ? WHERE hash = ?'
    for (const chunk of chunks) {
      const [name, ...place] = chunkCells(chunk)
      this.db.run(sql, ...place, name)
    }
    this.#noteEnds(chunks)
  }

  async markGarbage(kind: GarbageKind, names: readonly string[], at: string): Promise<void> {
    const sql = 'INSERT INTO garbage (kind, name, marked_ms) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO NOTHING'
    for (const name of names) this.db.run(sql, kind, name, timeCell(at))
  }

  async unmarkGarbage(kind: GarbageKind, names: readonly string[]): Promise<void> {
    for (const name of names) this.db.run('DELETE FROM garbage WHERE kind = ? AND name = ?', kind, name)
  }

  async addThroughput(rows: readonly NewThroughput[], watch: Watch): Promise<void> {
    writeThroughput(this.db, rows, watch)
  }

  async addTransfers(transfers: readonly NewTransfer[]): Promise<readonly Transfer[]> {
    return writeTransfers(this.db, transfers, (folder) => this.folderKey(folder))
  }

  async putNode(node: NodeRow): Promise<void> {
    this.db.run(
      `INSERT INTO nodes (id, name, address, port, public_key, capabilities, watch_directories, version,
         registered_at, last_seen_at, revoked, ordinal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(ordinal) + 1, 0) FROM nodes))
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, port = excluded.port,
         public_key = excluded.public_key, capabilities = excluded.capabilities,
         watch_directories = excluded.watch_directories, version = excluded.version,
         registered_at = excluded.registered_at, last_seen_at = excluded.last_seen_at, revoked = excluded.revoked`,
      node.id,
      node.name,
      node.address,
      node.port,
      node.publicKey,
      JSON.stringify(node.capabilities),
      JSON.stringify(node.watchDirectories),
      node.version,
      node.registeredAt,
      node.lastSeenAt,
      node.revoked ? 1 : 0,
    )
  }

  async touchNode(id: NodeId, at: string): Promise<void> {
    this.db.run('UPDATE nodes SET last_seen_at = ? WHERE id = ?', at, id)
  }

  async changeNode(id: NodeId, { name, watchDirectories, dailyBytes }: NodeChange) {
    const directories = watchDirectories === undefined ? null : JSON.stringify(watchDirectories)
    this.db.run(
      `UPDATE nodes SET name = coalesce(?, name), watch_directories = coalesce(?, watch_directories),
         daily_bytes = CASE WHEN ? THEN ? ELSE daily_bytes END WHERE id = ?`,
      name ?? null,
      directories,
      dailyBytes === undefined ? 0 : 1,
      dailyBytes ?? null,
      id,
    )
  }

  async revokeNode(id: NodeId): Promise<void> {
    this.db.run('UPDATE nodes SET revoked = 1 WHERE id = ?', id)
  }

  async putMembership(membership: MembershipRow): Promise<void> {
    this.db.run(
      `INSERT INTO memberships (folder, node, access, applied, clock, paused) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (folder, node) DO UPDATE SET access = excluded.access, applied = excluded.applied,
         clock = excluded.clock, paused = excluded.paused`,
      this.#existingFolder(membership.folder, 'join a node to'),
      membership.node,
      membership.access,
      membership.applied,
      JSON.stringify(membership.clock),
      membership.paused ? 1 : 0,
    )
  }

  async setApplied(
    folder: FolderId,
    node: NodeId,
    { applied, clock }: Pick<MembershipRow, 'applied' | 'clock'>,
  ): Promise<boolean> {
    const sql = 'UPDATE memberships SET applied = ?, clock = ? WHERE folder = ? AND node = ?'
    const key = this.folderKey(folder)
    return key !== undefined && this.db.run(sql, applied, JSON.stringify(clock), key, node).changes === 1
  }

  async setRights(
    folder: FolderId,
    node: NodeId,
    { access, paused }: Partial<Pick<MembershipRow, 'access' | 'paused'>>,
  ): Promise<boolean> {
    const sql = `UPDATE memberships SET access = coalesce(?, access), paused = coalesce(?, paused)
      WHERE folder = ? AND node = ?`
    const key = this.folderKey(folder)
    const pausedCell = paused === undefined ? null : paused ? 1 : 0
    return key !== undefined && this.db.run(sql, access ?? null, pausedCell, key, node).changes === 1
  }

  async removeMembership(folder: FolderId, node: NodeId): Promise<void> {
    const key = this.folderKey(folder)
    if (key !== undefined) this.db.run('DELETE FROM memberships WHERE folder = ? AND node = ?', key, node)
  }

  async putAssignment({ folder, node, kind, access, at }: AssignmentRow): Promise<void> {
    const sql = `INSERT INTO assignments (folder, node, kind, access, at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (folder, node) DO UPDATE SET kind = excluded.kind, access = excluded.access, at = excluded.at`
    this.db.run(sql, folder, node, kind, access, at)
  }

  async removeAssignment(folder: FolderId, node: NodeId): Promise<void> {
    this.db.run('DELETE FROM assignments WHERE folder = ? AND node = ?', folder, node)
  }

  async putInvite(invite: InviteRow): Promise<void> {
    this.db.run(
      `INSERT INTO invites (secret_hash, folders, access, expires_at, used_by) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (secret_hash) DO UPDATE SET folders = excluded.folders, access = excluded.access,
         expires_at = excluded.expires_at, used_by = excluded.used_by`,
      invite.secretHash,
      JSON.stringify(invite.folders),
      invite.access,
      invite.expiresAt,
      invite.usedBy,
    )
  }

  async useInvite(secretHash: string, node: NodeId): Promise<boolean> {
    const sql = 'UPDATE invites SET used_by = ? WHERE secret_hash = ? AND used_by IS NULL'
    return this.db.run(sql, node, secretHash).changes === 1
  }

  async removeInvite(secretHash: string): Promise<boolean> {
    return this.db.run('DELETE FROM invites WHERE secret_hash = ? AND used_by IS NULL', secretHash).changes === 1
  }

  async putLease({ name, holder, token, beat, ttlMs }: LeaseRow): Promise<void> {
    const sql = `INSERT INTO leases (name, holder, token, beat, ttl_ms) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, beat = excluded.beat,
        ttl_ms = excluded.ttl_ms`
    this.db.run(sql, name, holder, token, beat, ttlMs)
  }

  async putSetting(key: string, value: string): Promise<void> {
    const sql = 'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
    this.db.run(sql, key, value)
  }

  async removeVersions(folder: FolderId, seqs: readonly number[]): Promise<void> {
    const key = this.folderKey(folder)
    if (key === undefined) return
    for (const seq of seqs) this.db.run('DELETE FROM versions WHERE folder = ? AND seq = ?', key, seq)
  }

  #hasGarbage(): boolean {
    return this.db.get('SELECT 1 FROM garbage LIMIT 1') !== undefined
  }

  #countRemoval(): void {
    this.db.run('UPDATE removals SET count = count + 1')
  }

  #noteEnds(chunks: readonly ChunkRow[]): void {
    const ends = new Map<string, number>()
    for (const { pack, offset, storedSize } of chunks) {
      ends.set(pack, Math.max(ends.get(pack) ?? 0, offset + storedSize))
    }
    for (const [pack, knownTo] of ends) noteChunksIn(this.db, pack, knownTo)
  }

  #existingFolder(folder: FolderId, attempt: string): number {
    const key = this.folderKey(folder)
    if (key === undefined) throw new SyncError('not-found', `cannot ${attempt} the folder ${folder}: there is none`)
    return key
  }

  async #checkRemovals({ decidedOn, manifests, claimed }: ContentWrites): Promise<void> {
    if (claimed.length === 0 && manifests.length === 0) return
    if ((await this.removals()) !== decidedOn) {
      throw new SyncError('outdated', 'chunks were removed since it was looked up which are held')
    }
  }

  #checkRights(key: number, { folder, by }: FolderWrites): void {
    if (by === undefined) return
    const sql = `SELECT 1 FROM memberships m JOIN nodes n ON n.id = m.node
      WHERE m.folder = ? AND m.node = ? AND m.access = ? AND n.revoked = 0`
    if (this.db.get(sql, key, by.node, by.access) !== undefined) return
    throw new SyncError('outdated', `cannot commit to ${folder}: the rights of ${by.node} were changed meanwhile`)
  }

  #moveHead(key: number, writes: FolderWrites): void {
    const { decidedOn, head, tag, at, halted } = writes
    const clock = JSON.stringify(writes.clock)
    const sql = `UPDATE folders SET head = ?, tag = ?, clock = ?, revision = revision + 1
      WHERE key = ? AND revision = ? AND head <= ?`
    if (this.db.run(sql, head, tag, clock, key, decidedOn, head).changes === 0) throw this.#refusal(key, writes)
    if (halted !== undefined) this.db.run('UPDATE folders SET halted = ? WHERE key = ?', halted, key)
    // Position 0 is the start that every log shares. A mark keeps its first time: the position was reached then.
    if (head === 0) return
    this.db.run(
      `INSERT INTO log_marks (folder, seq, tag, clock, at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (folder, seq) DO UPDATE SET tag = excluded.tag, clock = excluded.clock`,
      key,
      head,
      tag,
      clock,
      timeCell(at),
    )
  }

  #refusal(key: number, { folder, decidedOn, head }: FolderWrites): SyncError {
    const revision = this.db.get('SELECT revision FROM folders WHERE key = ?', key)?.['revision']
    if (revision === decidedOn) {
      return new SyncError('internal', `cannot commit to ${folder}: its log is already past position ${head}`)
    }
    return new SyncError(
      'outdated',
      `cannot commit to ${folder}: it was decided on revision ${decidedOn}, and the folder is at ${String(revision)}`,
    )
  }

  #writeVersions(key: number, writes: FolderWrites): void {
    const rows = writes.versions.map((version) => {
      if (version.state.seq !== version.seq || version.state.id !== version.entry) {
        throw new SyncError('internal', `version ${version.seq} of ${version.entry} carries the state of another`)
      }
      const { registers, node, counter, at, state } = version
      return [key, registersCell(registers), node, counter, timeCell(at), ...stateCells(toldState(state))]
    })
    this.db.insert(VERSION_INSERT, rows)
  }

  #writeAliases(key: number, aliases: readonly { alias: EntryId; entry: EntryId }[]): void {
    const sql = `INSERT INTO aliases (folder, alias, entry) VALUES (?, ?, ?)
      ON CONFLICT (folder, alias) DO UPDATE SET entry = excluded.entry`
    for (const { alias, entry } of aliases) this.db.run(sql, key, alias, entry)
  }

  async load(table: DumpTable, rows: readonly DumpRow[]): Promise<void> {
    loadRows(this.db, table, rows)
  }

  async emptyTable(table: DumpTable): Promise<void> {
    emptyTable(this.db, table)
  }

  #writeConflicts(key: number, writes: FolderWrites): void {
    const copy = 'UPDATE conflicts SET settled = ? WHERE folder = ? AND copy = ? AND settled IS NULL'
    const copies = `UPDATE conflicts INDEXED BY conflicts_open_by_rival SET settled = ?
      WHERE folder = ? AND rival = ? AND settled IS NULL`
    for (const { entry, how } of writes.settled) for (const sql of [copy, copies]) this.db.run(sql, how, key, entry)
    const open = `INSERT INTO conflicts (folder, copy, rival, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (folder, copy) DO UPDATE SET rival = excluded.rival, at = excluded.at, settled = NULL`
    for (const { copy, rival, at } of writes.conflicts) this.db.run(open, key, copy, rival, at)
  }

  #writeOutcomes(key: number, outcomes: FolderWrites['outcomes']): void {
    const rows = outcomes.map(({ node, counter, outcome }) => [key, node, counter, outcome])
    this.db.insert(OUTCOME_INSERT, rows, 'ON CONFLICT (folder, node, counter) DO UPDATE SET outcome = excluded.outcome')
  }
}

function chunkCells(chunk: ChunkRow): [Uint8Array, string, number, number, number, number] {
  const { pack, offset, storedSize, size, compressed } = chunk
  return [hashCell(chunk.hash), pack, offset, storedSize, size, compressed ? 1 : 0]
}
