import { errnoOf, isSyncError, SyncError } from '@causeway/protocol'
import { DatabaseError } from 'pg'

/** What a failure means for the transaction that it met. */
export type Failure =
  /** Another came between: the same work may go through if it is run again. */
  | 'conflict'
  /** A rule of the tables; perhaps because two at once found no row and both inserted it. */
  | 'duplicate'
  /** The connection is gone, or the database does not take any just now. */
  | 'unreachable'
  /** Running it again would change nothing. */
  | 'final'

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK = '40P01'
const CONSTRAINTS = '23'
const UNIQUE_VIOLATION = '23505'
const DISK_FULL = '53100'
const TOO_MANY_CONNECTIONS = '53300'
const BAD_PASSWORD = '28P01'
const NOT_AUTHORIZED = '28000'
const NO_SUCH_DATABASE = '3D000'
const NOT_ALLOWED = '42501'
/** Cancelled by an administrator's shutdown, a crash, a start that is still going on, or an idle limit. */
const GOING_AWAY = ['57P01', '57P02', '57P03', '25P03']

export function failureOf(error: unknown): Failure {
  const code = codeOf(error)
  if (code === undefined) return isDatabaseError(error) || isSyncError(rootOf(error)) ? 'final' : 'unreachable'
  if (code === SERIALIZATION_FAILURE || code === DEADLOCK) return 'conflict'
  if (code === UNIQUE_VIOLATION) return 'duplicate'
  if (GOING_AWAY.includes(code) || code.startsWith('08') || code === TOO_MANY_CONNECTIONS) return 'unreachable'
  return 'final'
}

/** What the database refused, as an error that a person can act on. A `SyncError` passes as it is. */
export function postgresError(attempt: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  switch (codeOf(cause)) {
    case DISK_FULL:
      return new SyncError('disk-full', `cannot ${attempt}: the disk that holds the database is full`, { cause })
    case SERIALIZATION_FAILURE:
    case DEADLOCK:
      return new SyncError('io-error', `cannot ${attempt}: others kept changing the same rows (${why})`, { cause })
    default:
      if (codeOf(cause)?.startsWith(CONSTRAINTS) === true) {
        return new SyncError('internal', `cannot ${attempt}: it breaks a rule of the database (${why})`, { cause })
      }
      return failureOf(cause) === 'unreachable'
        ? new SyncError('offline', `cannot ${attempt}: the database cannot be reached (${why})`, { cause })
        : new SyncError('io-error', `cannot ${attempt}: ${why}`, { cause })
  }
}

/** Why a database could not be opened, and what to do. `name` has no password in it. */
export function openingError(name: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(errnoOf(cause) ?? 'no answer')
  const refuse = (reason: string) => new SyncError('io-error', `cannot open the database ${name}: ${reason}`, { cause })
  switch (codeOf(cause)) {
    case BAD_PASSWORD:
    case NOT_AUTHORIZED:
      return refuse(`it does not let this user in. Check user and password (${why})`)
    case NO_SUCH_DATABASE:
      return refuse('the server has no database of that name. Create it, or name another')
    case NOT_ALLOWED:
      return refuse(
        `the user may not create what is kept in it. Grant it CREATE on the database or the schema (${why})`,
      )
    case TOO_MANY_CONNECTIONS:
      return refuse(
        'the server takes no more connections. Raise max_connections, or put PgBouncer in front (session mode)',
      )
    default:
      return failureOf(cause) === 'unreachable'
        ? refuse(`nothing answers there. Check that the server runs, and host and port (${why})`)
        : refuse(why)
  }
}

function codeOf(error: unknown): string | undefined {
  const root = rootOf(error)
  return root instanceof DatabaseError ? root.code : undefined
}

function isDatabaseError(error: unknown): boolean {
  return rootOf(error) instanceof DatabaseError
}

/** What the driver threw, if this was told in words already. */
function rootOf(error: unknown): unknown {
  return isSyncError(error) && error.cause instanceof Error ? error.cause : error
}
