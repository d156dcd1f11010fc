import { DatabaseSync } from 'node:sqlite'
import { SyncError } from '@causeway/protocol'

/**
 * Opens the database of one folder's state and keeps it to this process.
 * Throws `state-locked` if another process (or another handle here) has it,
 * `newer-format` for a later version's, `io-error` for one that can't be read.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = open(path)
  try {
    // Exclusive: the lock stands as long as the handle, and falls with the process however that ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec('PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE')
    migrate(database, path)
    database.exec('COMMIT')
    return database
  } catch (cause) {
    database.close()
    throw stateError(path, cause)
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path)
  } catch (cause) {
    throw stateError(path, cause)
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (found > MIGRATIONS.length) {
    throw new SyncError('newer-format', `the state ${path} was written by a newer version (format ${found})`)
  }
  for (const step of MIGRATIONS.slice(found)) database.exec(step)
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
}

function stateError(path: string, cause: unknown): SyncError {
  if (cause instanceof SyncError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/locked|busy/.test(message)) {
    return new SyncError('state-locked', `another process uses the state ${path}`, { cause })
  }
  return new SyncError('io-error', `cannot open the state ${path}: ${message}`, { cause })
}

/**
 * Every step that ever shaped the database, oldest first: `user_version` counts those a database has been through. A
 * released step is never edited.
 *
 * The columns beside `body` are those that something is looked up by. `hash_key` is the head of a content's hash: a
 * number makes a smaller and quicker index than 64 characters, and the few contents that share it are told apart later.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE base (
    id TEXT PRIMARY KEY,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    hash_key INTEGER,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    birthtime_ns INTEGER NOT NULL,
    body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX base_by_place ON base (parent, name);
  CREATE INDEX base_by_inode ON base (inode);
  CREATE INDEX base_by_hash ON base (hash_key) WHERE hash_key IS NOT NULL;
  CREATE TABLE pending (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX pending_by_seq ON pending (seq);
  CREATE INDEX pending_by_parent ON pending (parent);
  CREATE TABLE tombstone (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
  `,
  `
  CREATE TABLE chunk_list (
    content TEXT PRIMARY KEY,
    hash_key INTEGER NOT NULL,
    chunks BLOB NOT NULL,
    fixed_blocks BLOB
  )
  `,
  `
  ALTER TABLE chunk_list DROP COLUMN fixed_blocks
  `,
]
