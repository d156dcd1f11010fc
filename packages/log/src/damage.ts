import { isSyncError, type ErrorCode } from '@causeway/protocol'

/** True where bytes are gone for good, not where a disk only refused to give them. */
export function isDamageCode(code: ErrorCode): boolean {
  return code === 'chunk-corrupt' || code === 'chunk-missing'
}

export function isDamage(error: unknown): boolean {
  return isSyncError(error) && isDamageCode(error.code)
}
