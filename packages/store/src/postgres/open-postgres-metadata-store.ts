import { SyncError, type FolderId } from '@causeway/protocol'
import pg from 'pg'
import type { MetadataReader, MetadataStore, MetadataWriter } from '../metadata-store.ts'
import { databaseAddress, type DatabaseAddress } from './database-url.ts'
import { expectSession } from './expect-session.ts'
import { migrate } from './migrate.ts'
import { openingError } from './postgres-error.ts'
import { PostgresReader } from './postgres-reader.ts'
import { PostgresWriter } from './postgres-writer.ts'
import { alone, inSnapshot, type Isolation } from './transactions.ts'
import { WriteLanes } from './write-lanes.ts'

export interface PostgresMetadataOptions {
  /** `postgres://user:password@host:port/database`; `?schema=name` chooses where in it, else it is `causeway`. */
  readonly url: string
  /** At most so many connections for reads, and as many for writes. */
  readonly connections?: number
}

const OLDEST_VERSION = 15
const CONNECT_TIMEOUT_MS = 10_000
/** Longer than any statement takes, and shorter than a lost network is noticed without it. */
const ANSWER_TIMEOUT_MS = 120_000

/**
 * Opens the store on a PostgreSQL server, and takes its tables through the
 * steps they lack. Throws `newer-format` where a newer version of the software
 * wrote them, and `io-error` where the database can't be used.
 */
export async function openPostgresMetadataStore(options: PostgresMetadataOptions): Promise<MetadataStore> {
  const address = databaseAddress(options.url)
  await prepare(address)
  const max = options.connections ?? 8
  return new PostgresStore(openPool(address, max), openPool(address, max))
}

class PostgresStore implements MetadataStore {
  readonly #readers: pg.Pool
  readonly #writers: pg.Pool
  readonly #lanes = new WriteLanes()
  #closing: Promise<void> | undefined

  constructor(readers: pg.Pool, writers: pg.Pool) {
    this.#readers = readers
    this.#writers = writers
  }

  async read<T>(work: (tx: MetadataReader) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError('read')
    return inSnapshot(this.#readers, (db) => work(new PostgresReader(db)))
  }

  async write<T>(work: (tx: MetadataWriter) => Promise<T>, scope?: FolderId): Promise<T> {
    if (this.#closing !== undefined) throw closedError('written to')
    const isolation: Isolation = scope === undefined ? { kind: 'serialisable' } : { kind: 'folder', id: scope }
    return this.#lanes.run(scope ?? '', () => alone(this.#writers, isolation, (db) => work(new PostgresWriter(db))))
  }

  /** The server does so in its own time (autovacuum). */
  async giveBackSpace(): Promise<number> {
    return 0
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await this.#lanes.empty()
    await Promise.all([this.#readers.end(), this.#writers.end()])
  }
}

async function prepare(address: DatabaseAddress): Promise<void> {
  const [client, other] = [new pg.Client(clientConfig(address)), new pg.Client(clientConfig(address))]
  for (const one of [client, other]) one.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version")
    const version = Math.floor(Number(rows[0]?.version) / 10_000)
    if (version < OLDEST_VERSION) {
      const found = `it is PostgreSQL ${version}, and ${OLDEST_VERSION} or newer is needed`
      throw new SyncError('io-error', `cannot open the database ${address.name}: ${found}`)
    }
    await other.connect()
    await expectSession(address.name, client, other)
    await client.query(`SET search_path TO ${client.escapeIdentifier(address.schema)}`)
    await migrate(client, address.schema, address.name)
  } catch (error) {
    throw openingError(address.name, error)
  } finally {
    await Promise.all([client, other].map((one) => one.end().catch(() => undefined)))
  }
}

function openPool(address: DatabaseAddress, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(address),
    max,
    idleTimeoutMillis: 60_000,
    pipeline: true,
    query_timeout: ANSWER_TIMEOUT_MS,
    verify: (client, done) => {
      // Who waits for an answer is told by it; an error between answers would else end the process.
      client.on('error', () => undefined)
      client.query(sessionOf(client, address)).then(() => done(), done)
    },
  })
  // An idle connection that breaks is replaced when one is needed next.
  pool.on('error', () => undefined)
  return pool
}

function clientConfig({ url }: DatabaseAddress): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'causeway',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : parserOf(oid, format)) },
  }
}

function parserOf(oid: number, format: 'text' | 'binary' | undefined) {
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
}

/**
 * Every statement is meant to go by an index, whatever the statistics say of
 * a table that has just begun to grow; and what a serialisable transaction has
 * read by an index, others may write beside.
 */
function sessionOf(client: pg.ClientBase, { schema }: DatabaseAddress): string {
  return `
    SET search_path TO ${client.escapeIdentifier(schema)};
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;
    SET plan_cache_mode = force_generic_plan;
    SET idle_in_transaction_session_timeout = '60s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
  `
}

function closedError(how: string): SyncError {
  return new SyncError('internal', `the metadata store was ${how} after it was closed`)
}
