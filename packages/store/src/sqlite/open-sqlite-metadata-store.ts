import { SyncError, systemError } from '@causeway/protocol'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { makeDirectories } from '@causeway/disk'
import type { MetadataReader, MetadataStore, MetadataWriter } from '../metadata-store.ts'
import { Connection } from './connection.ts'
import { GroupCommit, type CommitReport } from './group-commit.ts'
import { Mutex } from '../mutex.ts'
import { giveBackPages, prepareWriter } from './prepare-writer.ts'
import { ReaderPool } from './reader-pool.ts'
import { SqliteReader } from './sqlite-reader.ts'

export interface SqliteMetadataOptions {
  /** The database file, made with its directory where it is missing; `:memory:` for one that ends with the process. */
  readonly path: string
  /** How long to wait for another process that writes to the same database. */
  readonly busyTimeoutMs?: number
  /** Told after each commit how many writes shared it. */
  readonly onCommit?: (report: CommitReport) => void
}

const IN_MEMORY = ':memory:'

/**
 * Opens the embedded metadata store, after a quick check of the whole database.
 *
 * Throws `newer-format` where a newer version of the software wrote it, and
 * `io-error` where the check finds damage.
 */
export async function openSqliteMetadataStore(options: SqliteMetadataOptions): Promise<MetadataStore> {
  const { path, busyTimeoutMs = 5000, onCommit } = options
  if (path !== IN_MEMORY) await makePrivateFile(path)
  const writer = new Connection(path, { readOnly: false, busyTimeoutMs })
  try {
    prepareWriter(writer, path)
  } catch (error) {
    writer.close()
    throw error
  }
  const commits = new GroupCommit(writer, onCommit)
  if (path === IN_MEMORY) return new SharedConnectionStore(writer, commits)
  const readers = new ReaderPool(() => new Connection(path, { readOnly: true, busyTimeoutMs }))
  return new SnapshotStore(writer, commits, readers)
}

/** Readers have connections of their own, so they see a snapshot and never wait for the writer. */
class SnapshotStore implements MetadataStore {
  readonly #writer: Connection
  readonly #commits: GroupCommit
  readonly #readers: ReaderPool
  readonly #turns = new Mutex()

  constructor(writer: Connection, commits: GroupCommit, readers: ReaderPool) {
    this.#writer = writer
    this.#commits = commits
    this.#readers = readers
    commits.takeTurnsIn(this.#turns)
  }

  read<T>(work: (tx: MetadataReader) => Promise<T>): Promise<T> {
    return this.#readers.read(work)
  }

  write<T>(work: (tx: MetadataWriter) => Promise<T>): Promise<T> {
    return this.#commits.write(work)
  }

  giveBackSpace(signal?: AbortSignal): Promise<number> {
    return giveBackAll(this.#writer, this.#turns, signal)
  }

  async close(): Promise<void> {
    await Promise.all([this.#commits.close(), this.#readers.close()])
    this.#writer.close()
  }
}

/** A database in memory has one connection: reads take turns with groups of writes. */
class SharedConnectionStore implements MetadataStore {
  readonly #connection: Connection
  readonly #commits: GroupCommit
  readonly #turns = new Mutex()
  #closed = false

  constructor(connection: Connection, commits: GroupCommit) {
    this.#connection = connection
    this.#commits = commits
    commits.takeTurnsIn(this.#turns)
  }

  async read<T>(work: (tx: MetadataReader) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError()
    return this.#turns.run(async () => {
      const tx = new SqliteReader(this.#connection)
      try {
        return await work(tx)
      } finally {
        tx.end()
      }
    })
  }

  write<T>(work: (tx: MetadataWriter) => Promise<T>): Promise<T> {
    return this.#commits.write(work)
  }

  giveBackSpace(signal?: AbortSignal): Promise<number> {
    return giveBackAll(this.#connection, this.#turns, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#commits.close()
    await this.#turns.run(async () => this.#connection.close())
  }
}

async function giveBackAll(writer: Connection, turns: Mutex, signal: AbortSignal | undefined): Promise<number> {
  let total = 0
  for (let given = -1; given !== 0; total += given) {
    signal?.throwIfAborted()
    given = await turns.run(async () => giveBackPages(writer))
    await setImmediate()
  }
  return total
}

/** SQLite gives its own files the rights of the database file: only the owner may read the secrets in it. */
async function makePrivateFile(path: string): Promise<void> {
  try {
    await makeDirectories(dirname(path))
    await (await open(path, 'a', 0o600)).close()
  } catch (cause) {
    throw systemError(`cannot make the database ${path}`, cause)
  }
}

function closedError(): SyncError {
  return new SyncError('internal', 'the metadata store was used after it was closed')
}
