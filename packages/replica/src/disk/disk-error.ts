import { errnoOf, systemError } from '@causeway/protocol'

export { errnoOf }

/** True if nothing can be at a path: it, or a directory on the way, is absent or no directory, or the way leads through a symlink. */
export function isAbsence(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP'
}

/** What the disk refused, as `disk-full` or `io-error`. `attempt` says what was tried, on what: `cannot place a/b`. */
export const diskError = systemError

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
