import { SyncError } from '@causeway/protocol'

/** The errno name of something thrown by `node:fs`, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** True if nothing can be at a path: it, or a directory on the way, is absent or no directory, or the way leads through a symlink. */
export function isAbsence(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP'
}

/** What the disk refused, as `disk-full` or `io-error`. `attempt` says what was tried, on what: `cannot place a/b`. */
export function diskError(attempt: string, cause: unknown): SyncError {
  if (cause instanceof SyncError) return cause
  const errno = errnoOf(cause)
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new SyncError('disk-full', `${attempt}: no space is left on the disk (${errno})`, { cause })
  }
  const reason = REASONS[errno ?? ''] ?? (cause instanceof Error ? cause.message : String(cause))
  return new SyncError('io-error', `${attempt}: ${reason}${errno === undefined ? '' : ` (${errno})`}`, { cause })
}

/** Runs `work`; what `node:fs` throws in it becomes a `SyncError`. */
export function attempt<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw diskError(what, cause)
  }
}

/** Runs `work`; `undefined` if the path turns out to hold nothing. `what` is asked for only where it is needed. */
export function ifPresent<T>(what: string | (() => string), work: () => T): T | undefined {
  try {
    return work()
  } catch (cause) {
    if (isAbsence(cause)) return undefined
    throw diskError(typeof what === 'string' ? what : what(), cause)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open in the system',
  ENAMETOOLONG: 'the name is too long for this file system',
  EXDEV: 'it lies on another file system than the root',
  EBUSY: 'it is in use',
}
