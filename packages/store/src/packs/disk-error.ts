import { errnoOf, SyncError, isSyncError, systemError } from '@causeway/protocol'

export { errnoOf }

/** What the disk refused, as an error that a person can act on. A `SyncError` passes as it is. */
export function diskError(attempt: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  if (errnoOf(cause) === 'EFBIG') {
    return new SyncError('disk-full', `cannot ${attempt}: the file would be larger than the disk allows`, { cause })
  }
  return systemError(`cannot ${attempt}`, cause)
}
