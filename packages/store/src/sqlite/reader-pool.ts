import { SyncError } from '@causeway/protocol'
import type { MetadataReader } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { SqliteReader } from './sqlite-reader.ts'

/** Reads that overlap each need a connection, for each has a snapshot of its own. More than these wait. */
const MAX_CONNECTIONS = 8

/** Read-only connections, opened when they are needed and kept. */
export class ReaderPool {
  readonly #open: () => Connection
  readonly #idle: Connection[] = []
  readonly #queue: ((connection: Connection) => void)[] = []
  #connections = 0
  #closed = false
  #whenQuiet: (() => void) | undefined

  constructor(open: () => Connection) {
    this.#open = open
  }

  async read<T>(work: (tx: MetadataReader) => Promise<T>): Promise<T> {
    if (this.#closed) throw new SyncError('internal', 'the metadata store was read after it was closed')
    const connection = await this.#take()
    try {
      return await inSnapshot(connection, work)
    } finally {
      this.#giveBack(connection)
    }
  }

  /** Takes no more reads, waits for those under way, and closes the connections. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#idle.length < this.#connections) await new Promise<void>((resolve) => (this.#whenQuiet = resolve))
    for (const connection of this.#idle.splice(0)) connection.close()
  }

  async #take(): Promise<Connection> {
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#connections >= MAX_CONNECTIONS) return new Promise((resolve) => this.#queue.push(resolve))
    const connection = this.#open()
    connection.exec('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096')
    this.#connections += 1
    return connection
  }

  #giveBack(connection: Connection): void {
    const next = this.#queue.shift()
    if (next) return next(connection)
    this.#idle.push(connection)
    if (this.#idle.length === this.#connections) this.#whenQuiet?.()
  }
}

async function inSnapshot<T>(connection: Connection, work: (tx: MetadataReader) => Promise<T>): Promise<T> {
  const tx = new SqliteReader(connection)
  connection.exec('BEGIN')
  try {
    // The snapshot is that of the first read: nothing the work can see is older or newer.
    return await work(tx)
  } finally {
    tx.end()
    if (connection.inTransaction) connection.exec('COMMIT')
  }
}
