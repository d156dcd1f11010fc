import { isSyncError, SyncError } from '@causeway/protocol'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What the disk refused, as an error that a person can act on. A `SyncError` passes as it is. */
export function diskError(attempt: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  const code = errnoOf(cause)
  if (code !== undefined && FULL.has(code)) {
    return new SyncError('disk-full', `cannot ${attempt}: the disk is full (${code})`, { cause })
  }
  return new SyncError('io-error', `cannot ${attempt}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  })
}

export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
