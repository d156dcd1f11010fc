import { SyncError } from '@causeway/protocol'
import type { Pool, PoolClient } from 'pg'
import { Connection } from './connection.ts'
import { pause } from './pause.ts'
import { failureOf, postgresError, type Failure } from './postgres-error.ts'

/** So often a transaction is run again that others came between, or whose connection broke. */
const MOST_TRIES: Readonly<Record<Failure, number>> = { conflict: 25, duplicate: 3, unreachable: 6, final: 1 }
const FIRST_PAUSE_MS: Readonly<Record<Failure, number>> = { conflict: 1, duplicate: 1, unreachable: 100, final: 0 }

/** Runs `work` on one committed snapshot. */
export function inSnapshot<T>(pool: Pool, work: (db: Connection) => Promise<T>): Promise<T> {
  return again(async (report) => {
    const client = await connect(pool, report)
    const db = new Connection(client)
    // Sent with the first question: a snapshot costs no round trip of its own.
    const began = client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    try {
      const [value] = await Promise.all([work(db), began])
      db.end()
      release(client, client.query('COMMIT'))
      return value
    } catch (error) {
      db.end()
      release(client, client.query('ROLLBACK'))
      throw report(db.failure ?? (await failureIn(began)), error)
    }
  })
}

/** How a write is kept from others. */
export type Isolation =
  /** As if it were alone in the database: the server finds out what does not go together, and one is run again. */
  | { readonly kind: 'serialisable' }
  /** Its folder's row is locked before all else: who writes to the same folder waits, and sees what this one made of it. */
  | { readonly kind: 'folder'; readonly id: string }

/** Runs `work` as if it were alone, and resolves when what it wrote is durable. */
export function alone<T>(pool: Pool, isolation: Isolation, work: (db: Connection) => Promise<T>): Promise<T> {
  return again(async (report) => {
    const client = await connect(pool, report)
    const db = new Connection(client)
    const began = begin(client, isolation)
    const named = client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid')
    let value: T
    try {
      ;[value] = await Promise.all([work(db), began, named])
      // What the database refused is lost, also where the work did not mind.
      if (db.failure !== undefined) throw postgresError('write to the database', db.failure)
    } catch (error) {
      db.end()
      release(client, client.query('ROLLBACK'))
      throw report(db.failure ?? (await failureIn(began, named)), error)
    }
    db.end()
    const xid = (await named).rows[0]?.xid ?? ''
    try {
      const committing = client.query('COMMIT')
      release(client, committing)
      await committing
    } catch (error) {
      if (failureOf(error) !== 'unreachable') throw report(error, postgresError('write to the database', error))
      if (!(await isCommitted(pool, xid))) throw report(error, postgresError('write to the database', error))
    }
    return value
  })
}

/** Sent with the first question that the work has. */
async function begin(client: PoolClient, isolation: Isolation): Promise<void> {
  const level = isolation.kind === 'folder' ? 'READ COMMITTED' : 'SERIALIZABLE'
  const lock = 'SELECT FROM folders WHERE id = $1 FOR NO KEY UPDATE'
  await Promise.all([
    client.query(`BEGIN ISOLATION LEVEL ${level}`),
    isolation.kind === 'folder' ? client.query(lock, [isolation.id]) : undefined,
  ])
}

/** Names what the database said, and gives back what the caller is to be told. */
type Report = (failure: unknown, told: unknown) => unknown

async function again<T>(attempt: (report: Report) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    let failure: unknown
    try {
      return await attempt((cause, told) => {
        failure = cause
        return told
      })
    } catch (error) {
      const kind = failure === undefined ? 'final' : failureOf(failure)
      if (tries >= MOST_TRIES[kind]) throw error
      await pause(FIRST_PAUSE_MS[kind] * 2 ** Math.min(tries - 1, 6))
    }
  }
}

async function connect(pool: Pool, report: Report): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    throw report(cause, postgresError('connect to the database', cause))
  }
}

/** The connection is free once its transaction has ended, and thrown away where that failed. */
function release(client: PoolClient, ending: Promise<unknown>): void {
  void ending.then(
    () => client.release(),
    () => client.release(true),
  )
}

/**
 * The connection broke while the commit was being answered: only the database
 * knows what became of it. Throws where it does not.
 */
async function isCommitted(pool: Pool, xid: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      const { rows } = await pool.query<{ status: string | null }>('SELECT pg_xact_status($1::xid8) AS status', [xid])
      const status = rows[0]?.status
      if (status === 'committed') return true
      if (status === 'aborted') return false
      if (status !== 'in progress') break
    } catch (error) {
      if (failureOf(error) !== 'unreachable') break
    }
    if (tries === MOST_TRIES.unreachable) break
    await pause(FIRST_PAUSE_MS.unreachable * 2 ** tries)
  }
  throw new SyncError(
    'offline',
    'the connection to the database broke while it was being told to keep a change, and it does not say whether it did',
  )
}

/** What the first of these failed with, if any did. All have been answered, or are about to be. */
async function failureIn(...queries: readonly Promise<unknown>[]): Promise<unknown> {
  for (const result of await Promise.allSettled(queries)) if (result.status === 'rejected') return result.reason
  return undefined
}
