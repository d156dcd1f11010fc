import type { DigestSums, SentLately } from '@causeway/engine'
import {
  ROOT_ID,
  SyncError,
  type ChunkId,
  type ContentHash,
  type EntryId,
  type EntryState,
  type FolderId,
  type Hash,
  type HistoryEvent,
  type HourSavings,
  type Savings,
  type NodeId,
  type Place,
  type Transfer,
  type TransferOrder,
} from '@causeway/protocol'
import type {
  ChildrenPage,
  Asker,
  CommitNeeds,
  CommitRows,
  LogMark,
  AssignmentRow,
  ChunkRow,
  ConflictRow,
  DirectorySums,
  EventFilter,
  FolderCounts,
  FolderRow,
  GarbageKind,
  InviteRow,
  LeaseRow,
  ListedRow,
  ListingPage,
  ManifestRow,
  MembershipRow,
  MetadataReader,
  KeptNode,
  PackRow,
  PackTail,
  TransferFilter,
  VersionRow,
  Bucket,
  ThroughputFilter,
  ThroughputRow,
  Watch,
} from '../metadata-store.ts'
import type { DumpRow, DumpTable } from '../dump/tables.ts'
import type { AuditReader } from '../audit-rows.ts'
import type { PeopleReader } from '../people.ts'
import type { SignInReader } from '../sign-ins.ts'
import { auditRows } from './audit-rows.ts'
import type { Connection } from './connection.ts'
import { dumpRows } from './dump-rows.ts'
import { openDigest } from './digest-rows.ts'
import { readDirectorySums } from './directory-sums.ts'
import { EVENT_COLUMNS, eventQuery } from './event-query.ts'
import { readListing } from './listing-rows.ts'
import { isOwn, isReadable } from './folder-contents.ts'
import { loadForCommit } from './load-for-commit.ts'
import {
  chunkOf,
  conflictOf,
  eventOf,
  folderOf,
  assignmentOf,
  inviteOf,
  membershipOf,
  SENT_TOGETHER_MS,
  sentOf,
  nodeOf,
  STATE_COLUMNS,
  stateOf,
  versionOf,
} from './rows.ts'
import { peopleRows } from './people-rows.ts'
import { signInRows } from './sign-in-rows.ts'
import { readPackTail, readPackTails } from './pack-rows.ts'
import { readThroughput, readWatches } from './throughput-rows.ts'
import { readSavings, readSavingsTotal, readTransfers } from './transfer-rows.ts'
import { bytes, chunkId, contentHash, hashCell, number, text, textOrNull, time, timeCell, vector } from './values.ts'

const ENTRY = `SELECT ${STATE_COLUMNS} FROM entries`
const VERSION = `SELECT ${STATE_COLUMNS}, registers, node, counter, at_ms FROM versions`
const PAGE_ROWS = 1000
/** No tree is deeper; ends the walk through one that a fault has closed into a ring. */
const MAX_DEPTH = 1024

/** The reading half of a transaction. It refuses every call once the transaction is over. */
export class SqliteReader implements MetadataReader {
  readonly #connection: Connection
  #open = true

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Called by the store when the transaction's work is done. */
  end(): void {
    this.#open = false
  }

  protected get db(): Connection {
    if (!this.#open) throw new SyncError('internal', 'a transaction was used after its work had ended')
    return this.#connection
  }

  get people(): PeopleReader {
    return peopleRows(() => this.db)
  }

  get signIns(): SignInReader {
    return signInRows(() => this.db)
  }

  get audit(): AuditReader {
    return auditRows(() => this.db)
  }

  protected folderKey(folder: FolderId): number | undefined {
    const row = this.db.get('SELECT key FROM folders WHERE id = ?', folder)
    return row && number(row['key'])
  }

  async folders(): Promise<readonly FolderRow[]> {
    return this.db.all('SELECT * FROM folders ORDER BY id').map(folderOf)
  }

  async folder(id: FolderId): Promise<FolderRow | undefined> {
    const row = this.db.get('SELECT * FROM folders WHERE id = ?', id)
    return row && folderOf(row)
  }

  async counts(folder: FolderId): Promise<FolderCounts> {
    const row = this.db.get('SELECT files, directories, symlinks, bytes FROM folders WHERE id = ?', folder)
    if (!row) return { files: 0, directories: 0, symlinks: 0, bytes: 0 }
    return {
      files: number(row['files']),
      directories: number(row['directories']),
      symlinks: number(row['symlinks']),
      bytes: number(row['bytes']),
    }
  }

  async entries(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    return this.#entriesByKey(key, new Set(ids))
  }

  async entriesAt(folder: FolderId, places: readonly Place[]): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const found = new Map<string, EntryState>()
    for (const { parent, name } of places) {
      const row = this.db.get(
        `${ENTRY} WHERE folder = ? AND parent = ? AND name = ? AND deleted = 0`,
        key,
        parent,
        name,
      )
      if (row) found.set(text(row['id']), stateOf(row))
    }
    return [...found.values()]
  }

  async children(folder: FolderId, parent: EntryId, page: ChildrenPage): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const sql = `${ENTRY} WHERE folder = ? AND parent = ? AND name > ? AND deleted = 0 ORDER BY name LIMIT ?`
    return this.db.all(sql, key, parent, page.after ?? '', page.limit).map(stateOf)
  }

  async listing(folder: FolderId, parent: EntryId, page: ListingPage): Promise<readonly ListedRow[]> {
    const key = this.folderKey(folder)
    return key === undefined ? [] : readListing(this.db, key, parent, page)
  }

  async childCount(folder: FolderId, parent: EntryId): Promise<number> {
    const sql = 'SELECT count(*) AS children FROM entries WHERE folder = ? AND parent = ? AND deleted = 0'
    return number(this.db.get(sql, this.folderKey(folder) ?? null, parent)?.['children'])
  }

  async directorySums(folder: FolderId, id: EntryId): Promise<DirectorySums> {
    return readDirectorySums(this.db, this.folderKey(folder) ?? -1, id)
  }

  async directoriesAfter(folder: FolderId, after: string, limit: number): Promise<readonly EntryId[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    // From one parent to the next: what lies in each is leapt over.
    const next = 'SELECT min(parent) FROM entries WHERE folder = ?1 AND deleted = 0 AND parent >'
    const sql = `
      WITH RECURSIVE directories (parent) AS (
        ${next} ?2
        UNION ALL SELECT (${next} directories.parent) FROM directories WHERE directories.parent IS NOT NULL
      )
      SELECT parent FROM directories WHERE parent IS NOT NULL LIMIT ?3`
    return this.db.all(sql, key, after, limit).map((row) => text(row['parent']))
  }

  async digest(folder: FolderId): Promise<DigestSums | undefined> {
    const key = this.folderKey(folder)
    return key === undefined ? undefined : openDigest(this.db, key)?.sums
  }

  async descendants(folder: FolderId, id: EntryId): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const sql = `
      WITH RECURSIVE below (found, depth) AS (
        SELECT id, 1 FROM entries WHERE folder = ?1 AND parent = ?2 AND deleted = 0
        UNION ALL
        SELECT e.id, b.depth + 1 FROM below b CROSS JOIN entries e
        WHERE e.folder = ?1 AND e.parent = b.found AND e.deleted = 0 AND b.depth < ${MAX_DEPTH}
      )
      SELECT ${STATE_COLUMNS} FROM below CROSS JOIN entries WHERE folder = ?1 AND id = found ORDER BY depth`
    return this.db.all(sql, key, id).map(stateOf)
  }

  async buriedBelow(folder: FolderId, id: EntryId): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const sql = `
      WITH RECURSIVE below (found, depth) AS (
        SELECT ?2, 0
        UNION ALL
        SELECT e.id, b.depth + 1 FROM below b CROSS JOIN entries e
        WHERE e.folder = ?1 AND e.parent = b.found AND e.deleted = 0 AND b.depth < ${MAX_DEPTH}
        UNION ALL
        SELECT e.id, b.depth + 1 FROM below b CROSS JOIN entries e INDEXED BY entries_buried
        WHERE e.folder = ?1 AND e.parent = b.found AND e.deleted = 1 AND e.reached_by IS NOT NULL
          AND b.depth < ${MAX_DEPTH}
      )
      SELECT ${STATE_COLUMNS} FROM below CROSS JOIN entries
      WHERE folder = ?1 AND id = found AND depth > 0 ORDER BY depth`
    return this.db.all(sql, key, id).map(stateOf)
  }

  async copiesOf(folder: FolderId, rival: EntryId): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    // Without the names of their indexes both would walk through the whole folder: SQLite takes a folder for ten rows.
    const dead = `${ENTRY} INDEXED BY entries_dead_versions
      WHERE folder = ? AND conflict_of = ? AND deleted = 1 AND bytes_vector IS NOT NULL`
    const sql = `SELECT copy FROM conflicts INDEXED BY conflicts_open_by_rival
      WHERE folder = ? AND rival = ? AND settled IS NULL`
    const copies = this.db.all(sql, key, rival).map((row) => text<EntryId>(row['copy']))
    const live = this.#entriesByKey(key, new Set(copies)).filter((state) => !state.deleted)
    return [...live, ...this.db.all(dead, key, rival).map(stateOf)]
  }

  async ancestors(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const found = new Map<EntryId, EntryState>()
    let wanted = new Set<EntryId>()
    for (const id of new Set(ids)) {
      const row = this.db.get('SELECT parent FROM entries WHERE folder = ? AND id = ?', key, id)
      if (row) wanted.add(text(row['parent']))
    }
    while (wanted.size > 0) {
      const above = new Set<EntryId>()
      for (const state of this.#entriesByKey(key, wanted)) {
        found.set(state.id, state)
        above.add(state.parent)
      }
      wanted = new Set([...above].filter((id) => id !== ROOT_ID && !found.has(id)))
    }
    return [...found.values()]
  }

  async levelsBelow(folder: FolderId, id: EntryId): Promise<number> {
    const key = this.folderKey(folder)
    if (key === undefined) return 0
    const sql = `
      WITH RECURSIVE below (found, depth) AS (
        SELECT ?2, 0
        UNION ALL
        SELECT e.id, b.depth + 1 FROM below b CROSS JOIN entries e INDEXED BY entries_listed
        WHERE e.folder = ?1 AND e.parent = b.found AND e.deleted = 0 AND (e.kind <> 'directory') = 0 AND b.depth < ${MAX_DEPTH}
      )
      SELECT max(depth) AS levels FROM below`
    return number(this.db.get(sql, key, id)?.['levels'])
  }

  async changesAfter(folder: FolderId, seq: number, limit: number): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    return this.db.all(`${ENTRY} WHERE folder = ? AND seq > ? ORDER BY seq LIMIT ?`, key, seq, limit).map(stateOf)
  }

  async countChangesAfter(folder: FolderId, seq: number, most: number): Promise<number> {
    const key = this.folderKey(folder)
    if (key === undefined) return 0
    const sql = 'SELECT count(*) AS n FROM (SELECT 1 FROM entries WHERE folder = ? AND seq > ? LIMIT ?)'
    return Number(this.db.get(sql, key, seq, most)?.['n'] ?? 0)
  }

  async searchEntries(folder: FolderId, wanted: string, limit: number): Promise<readonly EntryState[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const sql = `${ENTRY} WHERE folder = ? AND deleted = 0 AND instr(coalesce(folded_name, name), ?) > 0
      ORDER BY name, id LIMIT ?`
    return this.db.all(sql, key, wanted.toLowerCase(), limit).map(stateOf)
  }

  async aliases(folder: FolderId, ids: readonly EntryId[]): Promise<ReadonlyMap<EntryId, EntryId>> {
    const found = new Map<EntryId, EntryId>()
    const key = this.folderKey(folder)
    if (key === undefined) return found
    for (const id of new Set(ids)) {
      const row = this.db.get('SELECT entry FROM aliases WHERE folder = ? AND alias = ?', key, id)
      if (row) found.set(id, text(row['entry']))
    }
    return found
  }

  async contentsFor({ folder, ...who }: Asker, hashes: readonly Hash[]): Promise<ReadonlySet<Hash>> {
    const key = this.folderKey(folder)
    return new Set(hashes.filter((hash) => isOwn(this.db, key, hash) || isReadable(this.db, who, hash)))
  }

  async logMark(folder: FolderId, seq: number): Promise<LogMark | undefined> {
    return this.#mark(folder, seq, 'seq <= ? ORDER BY seq DESC')
  }

  async markAtOrAbove(folder: FolderId, seq: number): Promise<LogMark | undefined> {
    return this.#mark(folder, seq, 'seq >= ? ORDER BY seq')
  }

  loadForCommit(folder: FolderId, needs: CommitNeeds): Promise<CommitRows> {
    return loadForCommit({ tx: this, db: this.db }, folder, needs)
  }

  async versions(
    folder: FolderId,
    entry: EntryId,
    page: { before?: number; limit: number },
  ): Promise<readonly VersionRow[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    // Left to itself, SQLite walks the whole log backwards.
    const sql = `${VERSION} INDEXED BY versions_by_entry WHERE folder = ? AND id = ? AND seq < ?
      ORDER BY seq DESC LIMIT ?`
    const rows = this.db.all(sql, key, entry, page.before ?? Number.MAX_SAFE_INTEGER, page.limit)
    return rows.map((row) => versionOf(row, folder))
  }

  async version(folder: FolderId, seq: number): Promise<VersionRow | undefined> {
    const key = this.folderKey(folder)
    if (key === undefined) return undefined
    const row = this.db.get(`${VERSION} WHERE folder = ? AND seq = ?`, key, seq)
    return row && versionOf(row, folder)
  }

  async *versionsAsOf(folder: FolderId, seq: number): AsyncGenerator<VersionRow> {
    const key = this.folderKey(folder)
    if (key === undefined) return
    const sql = `${VERSION} JOIN (
        SELECT id AS last_id, max(seq) AS last_seq FROM versions
        WHERE folder = ?1 AND id > ?2 AND seq <= ?3 GROUP BY id ORDER BY id LIMIT ?4
      ) ON folder = ?1 AND seq = last_seq ORDER BY last_id`
    let after = ''
    for (;;) {
      const rows = this.db.all(sql, key, after, seq, PAGE_ROWS)
      for (const row of rows) yield versionOf(row, folder)
      const last = rows.at(-1)
      if (!last || rows.length < PAGE_ROWS) return
      after = text(last['id'])
    }
  }

  async seqAtTime(folder: FolderId, at: string): Promise<number> {
    const key = this.folderKey(folder)
    if (key === undefined) return 0
    const row = this.db.get('SELECT max(seq) AS seq FROM log_marks WHERE folder = ? AND at_ms <= ?', key, timeCell(at))
    return row && row['seq'] !== null ? number(row['seq']) : 0
  }

  async removals(): Promise<number> {
    return number(this.db.get('SELECT count FROM removals')?.['count'])
  }

  async *referencedContents(folder: FolderId): AsyncGenerator<ContentHash> {
    const key = this.folderKey(folder)
    if (key === undefined) return
    for (const source of ['entries WHERE deleted = 0 AND', 'versions WHERE']) {
      const sql = `SELECT seq, hash FROM ${source} folder = ? AND seq > ? AND hash IS NOT NULL ORDER BY seq LIMIT ?`
      for (let after = 0; ;) {
        const rows = this.db.all(sql, key, after, PAGE_ROWS)
        for (const row of rows) yield contentHash(row['hash'])
        const last = rows.at(-1)
        if (!last || rows.length < PAGE_ROWS) break
        after = number(last['seq'])
      }
    }
  }

  async manifest(content: ContentHash): Promise<Uint8Array | undefined> {
    const row = this.db.get('SELECT chunks FROM manifests WHERE content = ?', hashCell(content))
    return row && bytes(row['chunks'])
  }

  async manifestsAfter(order: number, limit: number): Promise<readonly ManifestRow[]> {
    const rows = this.db.all(
      'SELECT key, content, chunks FROM manifests WHERE key > ? ORDER BY key LIMIT ?',
      order,
      limit,
    )
    return rows.map((row) => ({
      order: number(row['key']),
      content: contentHash(row['content']),
      chunks: bytes(row['chunks']),
    }))
  }

  async chunks(hashes: readonly ChunkId[]): Promise<readonly ChunkRow[]> {
    const found: ChunkRow[] = []
    for (const wanted of new Set(hashes)) {
      const row = this.db.get('SELECT * FROM chunks WHERE hash = ?', hashCell(wanted))
      if (row) found.push(chunkOf(row))
    }
    return found
  }

  async chunksAfter(after: ChunkId | undefined, limit: number): Promise<readonly ChunkRow[]> {
    const start = after === undefined ? new Uint8Array() : hashCell(after)
    return this.db.all('SELECT * FROM chunks WHERE hash > ? ORDER BY hash LIMIT ?', start, limit).map(chunkOf)
  }

  async packs(): Promise<readonly PackRow[]> {
    return this.db.all('SELECT * FROM packs ORDER BY name').map((row) => ({
      pack: text(row['name']),
      knownTo: number(row['known_to']),
      state: text(row['state']),
      owner: textOrNull(row['owner']),
      sealed: row['sealed_ms'] === null ? null : { bytes: number(row['bytes']), at: time(row['sealed_ms']) },
    }))
  }

  async packTail(pack: string, within?: Parameters<MetadataReader['packTail']>[1]): Promise<readonly PackTail[]> {
    return readPackTail(this.db, pack, within)
  }

  async packTails(): Promise<readonly { readonly pack: string; readonly bytes: number }[]> {
    return readPackTails(this.db)
  }

  async lostCount(): Promise<number> {
    return number(this.db.get('SELECT count(*) AS lost FROM lost_chunks')?.['lost'])
  }

  async lostAmong(hashes: readonly ChunkId[]): Promise<readonly ChunkId[]> {
    return [...new Set(hashes)].filter((wanted) => {
      return this.db.get('SELECT 1 FROM lost_chunks WHERE hash = ?', hashCell(wanted)) !== undefined
    })
  }

  async lostAfter(after: ChunkId | undefined, limit: number): Promise<readonly ChunkId[]> {
    const start = after === undefined ? new Uint8Array() : hashCell(after)
    const rows = this.db.all('SELECT hash FROM lost_chunks WHERE hash > ? ORDER BY hash LIMIT ?', start, limit)
    return rows.map((row) => chunkId(row['hash']))
  }

  async garbageMarks(kind: GarbageKind): Promise<ReadonlyMap<string, string>> {
    const rows = this.db.all('SELECT name, marked_ms FROM garbage WHERE kind = ?', kind)
    return new Map(rows.map((row) => [text(row['name']), time(row['marked_ms'])]))
  }

  async eventsAfter(position: number, filter: EventFilter, limit: number): Promise<readonly HistoryEvent[]> {
    const { where, values } = eventQuery(filter)
    const sql = `SELECT ${EVENT_COLUMNS} WHERE e.position > ? ${where} ORDER BY e.position LIMIT ?`
    return this.db.all(sql, position, ...values, limit).map(eventOf)
  }

  async eventsBefore(
    position: number | undefined,
    filter: EventFilter,
    limit: number,
  ): Promise<readonly HistoryEvent[]> {
    const { where, values } = eventQuery(filter)
    const sql = `SELECT ${EVENT_COLUMNS} WHERE e.position < ? ${where} ORDER BY e.position DESC LIMIT ?`
    return this.db.all(sql, position ?? Number.MAX_SAFE_INTEGER, ...values, limit).map(eventOf)
  }

  async event(position: number): Promise<HistoryEvent | undefined> {
    const row = this.db.get(`SELECT ${EVENT_COLUMNS} WHERE e.position = ?`, position)
    return row && eventOf(row)
  }

  async outcomesByDots(
    folder: FolderId,
    node: NodeId,
    counters: readonly number[],
  ): Promise<ReadonlyMap<number, Uint8Array>> {
    const found = new Map<number, Uint8Array>()
    const key = this.folderKey(folder)
    if (key === undefined) return found
    for (const counter of counters) {
      const sql = 'SELECT outcome FROM outcomes WHERE folder = ? AND node = ? AND counter = ?'
      const row = this.db.get(sql, key, node, counter)
      if (row) found.set(counter, bytes(row['outcome']))
    }
    return found
  }

  async nodes(): Promise<readonly KeptNode[]> {
    return this.db.all('SELECT * FROM nodes ORDER BY id').map(nodeOf)
  }

  async node(id: NodeId): Promise<KeptNode | undefined> {
    const row = this.db.get('SELECT * FROM nodes WHERE id = ?', id)
    return row && nodeOf(row)
  }

  async memberships(filter: { folder?: FolderId; node?: NodeId }): Promise<readonly MembershipRow[]> {
    const sql = `SELECT m.*, f.id AS folder_id FROM memberships m JOIN folders f ON f.key = m.folder
      WHERE (?1 IS NULL OR f.id = ?1) AND (?2 IS NULL OR m.node = ?2) ORDER BY f.id, m.node`
    return this.db.all(sql, filter.folder ?? null, filter.node ?? null).map(membershipOf)
  }

  async assignments(filter: { folder?: FolderId; node?: NodeId }): Promise<readonly AssignmentRow[]> {
    const sql = `SELECT * FROM assignments WHERE (?1 IS NULL OR folder = ?1) AND (?2 IS NULL OR node = ?2)
      ORDER BY folder, node`
    return this.db.all(sql, filter.folder ?? null, filter.node ?? null).map(assignmentOf)
  }

  async invite(secretHash: string): Promise<InviteRow | undefined> {
    const row = this.db.get('SELECT * FROM invites WHERE secret_hash = ?', secretHash)
    return row && inviteOf(row)
  }

  async openInvites(at: string): Promise<readonly InviteRow[]> {
    const sql = 'SELECT * FROM invites WHERE used_by IS NULL AND expires_at > ? ORDER BY expires_at, secret_hash'
    return this.db.all(sql, at).map(inviteOf)
  }

  async conflicts(folder: FolderId, filter: { open: boolean }): Promise<readonly ConflictRow[]> {
    const key = this.folderKey(folder)
    if (key === undefined) return []
    const only = filter.open ? 'AND settled IS NULL' : ''
    const rows = this.db.all(`SELECT * FROM conflicts WHERE folder = ? ${only} ORDER BY at, copy`, key)
    return rows.map((row) => conflictOf(row, folder))
  }

  async deletesSince(folder: FolderId, node: NodeId, at: string): Promise<number> {
    const key = this.folderKey(folder)
    if (key === undefined) return 0
    const sql = `SELECT coalesce(sum(e.entries), 0) AS deleted FROM events e JOIN event_causes c ON c.key = e.cause
      WHERE e.folder = ? AND e.node = ? AND e.at_ms >= ? AND e.kind = 'delete' AND c.decision <> 'refused'`
    return number(this.db.get(sql, key, node, timeCell(at))?.['deleted'])
  }

  async sentSince(node: NodeId, at: string): Promise<readonly SentLately[]> {
    const sql = `SELECT max(at_ms) AS at_ms, sum(brought) AS bytes FROM events INDEXED BY events_bringing
      WHERE node = ? AND at_ms >= ? AND brought IS NOT NULL GROUP BY at_ms / ${SENT_TOGETHER_MS} ORDER BY 1`
    return this.db.all(sql, node, timeCell(at)).map(sentOf)
  }

  async deletedBetween(folder: FolderId, after: number, last: number): Promise<number> {
    const key = this.folderKey(folder)
    if (key === undefined) return 0
    const sql = `SELECT coalesce(sum(entries), 0) AS deleted FROM events INDEXED BY events_deleting_by_seq
      WHERE folder = ? AND kind = 'delete' AND seq > ? AND seq - entries < ?`
    return number(this.db.get(sql, key, after, last)?.['deleted'])
  }

  async savings(filter: TransferFilter, since: string | undefined): Promise<readonly HourSavings[]> {
    return readSavings(this.db, filter, since)
  }

  async savingsTotal(): Promise<Savings> {
    return readSavingsTotal(this.db)
  }

  async transfers(
    filter: TransferFilter & { readonly entry?: EntryId },
    page: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
  ): Promise<readonly Transfer[]> {
    return readTransfers(this.db, filter, page)
  }

  async throughput(bucket: Bucket, since: string, filter: ThroughputFilter): Promise<readonly ThroughputRow[]> {
    return readThroughput(this.db, bucket, since, filter)
  }

  async watches(since: string): Promise<readonly Watch[]> {
    return readWatches(this.db, since)
  }

  async lease(name: string): Promise<LeaseRow | undefined> {
    const row = this.db.get('SELECT holder, token, beat, ttl_ms FROM leases WHERE name = ?', name)
    if (row === undefined) return undefined
    const [token, beat, ttlMs] = [number(row['token']), number(row['beat']), number(row['ttl_ms'])]
    return { name, holder: textOrNull(row['holder']), token, beat, ttlMs }
  }

  async setting(key: string): Promise<string | undefined> {
    const row = this.db.get('SELECT value FROM settings WHERE key = ?', key)
    return row && text(row['value'])
  }

  async dump(table: DumpTable, after: DumpRow | null, limit: number): Promise<readonly DumpRow[]> {
    return dumpRows(this.db, table, after, limit)
  }

  #mark(folder: FolderId, seq: number, which: string): LogMark | undefined {
    const key = this.folderKey(folder)
    if (key === undefined) return undefined
    const row = this.db.get(`SELECT seq, tag, clock FROM log_marks WHERE folder = ? AND ${which} LIMIT 1`, key, seq)
    return row && { seq: number(row['seq']), tag: text(row['tag']), clock: vector(row['clock']) }
  }

  #entriesByKey(key: number, ids: ReadonlySet<EntryId>): EntryState[] {
    const found: EntryState[] = []
    for (const id of ids) {
      const row = this.db.get(`${ENTRY} WHERE folder = ? AND id = ?`, key, id)
      if (row) found.push(stateOf(row))
    }
    return found
  }
}
