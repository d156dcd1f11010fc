import { isSyncError, SyncError } from '@causeway/protocol'

const SQLITE_BUSY = 5
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_CONSTRAINT = 19

/** What the database refused, as an error that a person can act on. A `SyncError` passes as it is. */
export function sqliteError(attempt: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  switch (primaryCode(cause)) {
    case SQLITE_FULL:
      return new SyncError('disk-full', `cannot ${attempt}: the disk that holds the database is full`, { cause })
    case SQLITE_BUSY:
      return new SyncError('io-error', `cannot ${attempt}: another process holds the database`, { cause })
    case SQLITE_CANTOPEN:
      return new SyncError('io-error', `cannot ${attempt}: the file cannot be opened or made there`, { cause })
    case SQLITE_CONSTRAINT:
      return new SyncError('internal', `cannot ${attempt}: it breaks a rule of the database (${why})`, { cause })
    default:
      return new SyncError('io-error', `cannot ${attempt}: ${why}`, { cause })
  }
}

/** Whether another handle held what was asked for. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY
}

/** SQLite's extended codes carry the primary one in their low byte. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
