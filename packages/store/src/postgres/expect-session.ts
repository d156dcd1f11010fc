import { SyncError } from '@causeway/protocol'
import type { ClientBase } from 'pg'

/**
 * Throws `io-error` where a pooler in between hands one connection's session
 * to another while both are open, as PgBouncer does in transaction and in
 * statement mode: settings, prepared statements and LISTEN would go to
 * whoever comes next. `a` and `b` are open, and outside any transaction.
 *
 * A pool that is busy may hide it; a session that is kept is never refused.
 */
export async function expectSession(name: string, a: ClientBase, b: ClientBase): Promise<void> {
  const first = await sessionOf(a)
  // Holds whatever session it was given, so that the first can't have that one again.
  await b.query('BEGIN').catch((cause: unknown) => {
    throw notKept(name, cause)
  })
  const other = await sessionOf(b)
  const again = await sessionOf(a)
  await b.query('ROLLBACK')
  if (other === first || again !== first) throw notKept(name)
}

async function sessionOf(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid
}

function notKept(name: string, cause?: unknown): SyncError {
  return new SyncError(
    'io-error',
    `cannot use the database ${name}: a pooler in between does not keep a session for each connection. ` +
      'Set pool_mode = session there (PgBouncer), or name the server itself',
    { cause },
  )
}
