import { createHash, timingSafeEqual } from 'node:crypto'
import { systemRandom } from '@causeway/time'

/** A fresh secret of 256 bits, safe in URLs and headers. */
export function newSecret(): string {
  return Buffer.from(systemRandom.hex(32), 'hex').toString('base64url')
}

/** What is stored in a secret's stead. Enough for random secrets; a password would need a slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares without telling by its time how far the two agree. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
