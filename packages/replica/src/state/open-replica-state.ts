import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { DigestedEntry, DigestSums } from '@causeway/engine'
import {
  LOG_START,
  SyncError,
  type ContentHash,
  type Cursor,
  type EntryId,
  type EntryState,
  type FolderId,
  type NodeId,
  type VersionVector,
} from '@causeway/protocol'
import type { BaseEntry, BeliefPage, ReplicaState } from '../replica-state.ts'
import { fromBaseRow, hashKey, text, toBaseRow, toInt64 } from './base-row.ts'
import { BeliefSums } from './belief-sums.ts'
import { openCounterFile } from './counter-file.ts'
import { openDatabase } from './database.ts'
import { DirectoryCache } from './directory-cache.ts'

export interface ReplicaStateOptions {
  /** The database's file, or ':memory:'. Beside it lie its write-ahead log and `PATH-counter`. */
  readonly path: string
  readonly folder: FolderId
  readonly node: NodeId
}

/** A `ReplicaState` that keeps a database open, and locked, until it is closed. */
export interface OpenReplicaState extends ReplicaState {
  close(): void
}

/**
 * Opens a folder's state, or begins it. Throws `state-locked` if it is open
 * already, `newer-format` if a later version wrote it, `io-error` if it can't
 * be read or is another folder's or node's.
 */
export function openReplicaState({ path, folder, node }: ReplicaStateOptions): OpenReplicaState {
  const database = openDatabase(path)
  try {
    return new SqliteReplicaState(database, path, folder, node)
  } catch (cause) {
    database.close()
    throw cause
  }
}

const PAGE = 1000

class SqliteReplicaState implements OpenReplicaState {
  readonly folder: FolderId
  readonly node: NodeId
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepareStatements>
  readonly #counters: ReturnType<typeof openCounterFile>
  readonly #directories = new DirectoryCache()
  readonly #beliefSums = new BeliefSums({
    believed: (id) => this.#believed(id),
    believedAfter: (after, limit) => this.believedAfter(after, limit),
  })
  /** What the database says, parsed: both are asked for with every operation. */
  #clock: VersionVector | undefined
  #cursor: Cursor | undefined
  /** False once nothing was found to be pending: most of the time nothing is, and it is asked for with every entry. */
  #mayBePending = true
  #depth = 0
  #notedReserved = 0

  constructor(database: DatabaseSync, path: string, folder: FolderId, node: NodeId) {
    this.folder = folder
    this.node = node
    this.#database = database
    this.#statements = prepareStatements(database)
    this.#claim('folder', folder, path)
    this.#claim('node', node, path)
    const counterPath = path === ':memory:' ? undefined : `${path}-counter`
    this.#counters = openCounterFile(counterPath, Number(this.#fact('counter') ?? 0))
  }

  close(): void {
    this.#counters.close()
    this.#noteReserved()
    this.#database.close()
  }

  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#database.exec('BEGIN IMMEDIATE')
    this.#depth = 1
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#notedReserved = 0
      this.#directories.clear()
      this.#beliefSums.forget()
      this.#clock = undefined
      this.#cursor = undefined
      this.#mayBePending = true
      throw error
    } finally {
      this.#depth = 0
    }
  }

  base(id: EntryId): BaseEntry | undefined {
    return this.#directories.get(id) ?? this.#noted(this.#statements.base.get(id), false)
  }

  baseAt(parent: EntryId, name: string): BaseEntry | undefined {
    return this.#directories.at(parent, name) ?? this.#noted(this.#statements.baseAt.get(parent, name), true)
  }

  baseChildren(parent: string): readonly BaseEntry[] {
    return this.#statements.baseChildren.all(parent).map(fromBaseRow)
  }

  baseByInode(device: bigint, inode: bigint, birthtimeNs: bigint): readonly BaseEntry[] {
    return this.#statements.baseByInode.all(toInt64(inode), toInt64(device), toInt64(birthtimeNs)).map(fromBaseRow)
  }

  baseByHash(hash: string): BaseEntry | undefined {
    return this.#statements.baseByHash
      .all(hashKey(hash))
      .map(fromBaseRow)
      .find(({ content }) => content.kind === 'file' && content.hash === hash)
  }

  baseCount(): number {
    return countOf(this.#statements.baseCount.get())
  }

  /** Reads page by page, so that entries may be put and removed meanwhile. */
  *baseAll(): Iterable<BaseEntry> {
    for (let after = ''; ;) {
      const page = this.#statements.baseAfter.all(after, PAGE).map(fromBaseRow)
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.id
    }
  }

  putBase(entry: BaseEntry): void {
    this.#beliefSums.changing(entry.id)
    this.#directories.forget(entry.id, entry)
    this.#statements.putBase.run(...toBaseRow(entry))
  }

  removeBase(id: EntryId): void {
    this.#beliefSums.changing(id)
    this.#directories.forget(id)
    this.#statements.removeBase.run(id)
  }

  pending(limit = -1): readonly EntryState[] {
    return this.#mayBePending ? this.#statements.pending.all(limit).map(stateOf) : []
  }

  pendingOf(id: string): EntryState | undefined {
    return this.#mayBePending ? maybeStateOf(this.#statements.pendingOf.get(id)) : undefined
  }

  pendingChildren(parent: string): readonly EntryState[] {
    return this.#mayBePending ? this.#statements.pendingChildren.all(parent).map(stateOf) : []
  }

  pendingCount(): number {
    const count = this.#mayBePending ? countOf(this.#statements.pendingCount.get()) : 0
    this.#mayBePending = count > 0
    return count
  }

  putPending(state: EntryState): void {
    this.#beliefSums.changing(state.id)
    this.#mayBePending = true
    this.#statements.putPending.run(state.id, state.seq, state.parent, JSON.stringify(state))
  }

  removePending(id: EntryId): void {
    if (!this.#mayBePending) return
    this.#beliefSums.changing(id)
    this.#statements.removePending.run(id)
  }

  believedAfter(after: string, limit: number): BeliefPage {
    const base = this.#statements.baseAfter.all(after, limit).map(fromBaseRow)
    const pending = this.#mayBePending ? this.#statements.pendingAfter.all(after, limit).map(stateOf) : []
    // Beyond the end of a full page there may be more of its kind.
    const ends = [base, pending].flatMap((page) => (page.length < limit ? [] : (page.at(-1)?.id ?? [])))
    const next = ends.length === 0 ? null : ends.reduce((least, id) => (id < least ? id : least))
    const believed = new Map<EntryId, DigestedEntry | null>()
    for (const entry of base) if (next === null || entry.id <= next) believed.set(entry.id, entry)
    for (const state of pending)
      if (next === null || state.id <= next) believed.set(state.id, state.deleted ? null : state)
    return { entries: [...believed.values()].filter((entry) => entry !== null), next }
  }

  countBeliefs(most: number): DigestSums | undefined {
    return this.#beliefSums.count(most)
  }

  forgetBeliefs(): void {
    this.#beliefSums.forget()
  }

  #believed(id: EntryId): DigestedEntry | undefined {
    const pending = this.pendingOf(id)
    if (pending !== undefined) return pending.deleted ? undefined : pending
    return this.base(id)
  }

  tombstone(id: string): EntryState | undefined {
    return maybeStateOf(this.#statements.tombstone.get(id))
  }

  /** Reads page by page, so that tombstones may be put and removed meanwhile. */
  *tombstones(): Iterable<EntryState> {
    for (let after = ''; ;) {
      const page = this.#statements.tombstonesAfter.all(after, PAGE).map(stateOf)
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.id
    }
  }

  putTombstone(state: EntryState): void {
    this.#statements.putTombstone.run(state.id, JSON.stringify(state))
  }

  removeTombstone(id: string): void {
    this.#statements.removeTombstone.run(id)
  }

  chunkList(content: ContentHash): Uint8Array | undefined {
    const chunks = this.#statements.chunkList.get(content)?.['chunks']
    return chunks instanceof Uint8Array ? chunks : undefined
  }

  putChunkList(content: ContentHash, chunks: Uint8Array): void {
    this.#statements.putChunkList.run(content, hashKey(content), chunks)
  }

  chunkListNames(): readonly ContentHash[] {
    return this.#statements.chunkListNames.all().map((row) => text(row['content']) as ContentHash)
  }

  pruneChunkLists(): void {
    this.#statements.pruneChunkLists.run()
  }

  cursor(): Cursor {
    this.#cursor ??= parsed(this.#fact('cursor'), LOG_START)
    return this.#cursor
  }

  setCursor(cursor: Cursor): void {
    this.#putFact('cursor', JSON.stringify(cursor))
    this.#cursor = cursor
  }

  clock(): VersionVector {
    this.#clock ??= parsed<VersionVector>(this.#fact('clock'), {})
    return this.#clock
  }

  setClock(clock: VersionVector): void {
    this.#putFact('clock', JSON.stringify(clock))
    this.#clock = clock
  }

  takeCounters(count: number): number {
    const first = this.#counters.take(count)
    this.#noteReserved()
    return first
  }

  raiseCounter(atLeast: number): void {
    this.#counters.raise(atLeast)
    this.#noteReserved()
  }

  setting(key: string): string | undefined {
    const row = this.#statements.setting.get(key)
    return row === undefined ? undefined : text(row['value'])
  }

  putSetting(key: string, value: string | null): void {
    if (value === null) this.#statements.removeSetting.run(key)
    else this.#statements.putSetting.run(key, value)
  }

  #noted(row: Row | undefined, isAtPlace: boolean): BaseEntry | undefined {
    if (row === undefined) return undefined
    const entry = fromBaseRow(row)
    this.#directories.note(entry, isAtPlace)
    return entry
  }

  #fact(key: string): string | undefined {
    const row = this.#statements.fact.get(key)
    return row === undefined ? undefined : text(row['value'])
  }

  #putFact(key: string, value: string): void {
    this.#statements.putFact.run(key, value)
  }

  /** The database knows it too, should the counter file be lost. */
  #noteReserved(): void {
    const reserved = this.#counters.reserved()
    if (reserved === 0 || reserved === this.#notedReserved) return
    this.#putFact('counter', String(reserved))
    this.#notedReserved = reserved
  }

  /** A state belongs to one node in one folder: used for another it would repeat counters. */
  #claim(what: 'folder' | 'node', value: string, path: string): void {
    const found = this.#fact(what)
    if (found === undefined) this.#putFact(what, value)
    else if (found !== value) {
      throw new SyncError('io-error', `the state ${path} belongs to the ${what} ${found}, not to ${value}`)
    }
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql)
  return {
    base: prepare('SELECT id, parent, name, body, seq FROM base WHERE id = ?'),
    baseAt: prepare('SELECT id, parent, name, body, seq FROM base WHERE parent = ? AND name = ? LIMIT 1'),
    baseChildren: prepare('SELECT id, parent, name, body, seq FROM base WHERE parent = ?'),
    baseByInode: prepare(
      'SELECT id, parent, name, body, seq FROM base WHERE inode = ? AND device = ? AND birthtime_ns = ?',
    ),
    baseByHash: prepare('SELECT id, parent, name, body, seq FROM base WHERE hash_key = ?'),
    baseCount: prepare('SELECT count(*) AS count FROM base'),
    baseAfter: prepare('SELECT id, parent, name, body, seq FROM base WHERE id > ? ORDER BY id LIMIT ?'),
    putBase: prepare('INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    removeBase: prepare('DELETE FROM base WHERE id = ?'),
    pending: prepare('SELECT body FROM pending ORDER BY seq LIMIT ?'),
    pendingOf: prepare('SELECT body FROM pending WHERE id = ?'),
    pendingChildren: prepare('SELECT body FROM pending WHERE parent = ?'),
    pendingCount: prepare('SELECT count(*) AS count FROM pending'),
    pendingAfter: prepare('SELECT body FROM pending WHERE id > ? ORDER BY id LIMIT ?'),
    putPending: prepare('INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?)'),
    removePending: prepare('DELETE FROM pending WHERE id = ?'),
    tombstone: prepare('SELECT body FROM tombstone WHERE id = ?'),
    tombstonesAfter: prepare('SELECT body FROM tombstone WHERE id > ? ORDER BY id LIMIT ?'),
    putTombstone: prepare('INSERT OR REPLACE INTO tombstone VALUES (?, ?)'),
    removeTombstone: prepare('DELETE FROM tombstone WHERE id = ?'),
    chunkList: prepare('SELECT chunks FROM chunk_list WHERE content = ?'),
    putChunkList: prepare('INSERT OR REPLACE INTO chunk_list VALUES (?, ?, ?)'),
    chunkListNames: prepare('SELECT content FROM chunk_list'),
    pruneChunkLists: prepare(
      'DELETE FROM chunk_list WHERE hash_key NOT IN (SELECT hash_key FROM base WHERE hash_key IS NOT NULL)',
    ),
    setting: prepare('SELECT value FROM setting WHERE key = ?'),
    putSetting: prepare('INSERT OR REPLACE INTO setting VALUES (?, ?)'),
    removeSetting: prepare('DELETE FROM setting WHERE key = ?'),
    fact: prepare('SELECT value FROM fact WHERE key = ?'),
    putFact: prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)'),
  }
}

type Row = Record<string, SQLInputValue>

function parsed<T>(value: string | undefined, otherwise: T): T {
  return value === undefined ? otherwise : JSON.parse(value)
}

function stateOf(row: Row): EntryState {
  return JSON.parse(text(row['body']))
}

function maybeStateOf(row: Row | undefined): EntryState | undefined {
  return row === undefined ? undefined : stateOf(row)
}

function countOf(row: Row | undefined): number {
  return Number(row?.['count'] ?? 0)
}
