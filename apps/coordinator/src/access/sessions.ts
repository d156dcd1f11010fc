import type { MetadataWriter, SessionSubject } from '@causeway/store'
import { hashSecret, newSecret } from './secrets.ts'

/** Why a session ended. */
export type SessionEnd = 'signed-out' | 'expired' | 'removed'

/** Where somebody signs in from, for their own list of sessions. */
export interface SignInPlace {
  readonly userAgent: string
  readonly address: string
}

export interface OpenedSession {
  readonly token: string
  readonly expiresAt: string
}

interface Lasting {
  /** However much it is used. */
  readonly forMs: number
  readonly idleMs: number
  /** Of one subject: sign-in must not be a way to fill the store. */
  readonly most: number
}

const HOUR_MS = 3_600_000
const LASTING: Readonly<Record<SessionSubject['kind'], Lasting>> = {
  person: { forMs: 7 * 24 * HOUR_MS, idleMs: 24 * HOUR_MS, most: 50 },
  owner: { forMs: 7 * 24 * HOUR_MS, idleMs: 24 * HOUR_MS, most: 50 },
  node: { forMs: 12 * HOUR_MS, idleMs: 12 * HOUR_MS, most: 10 },
}

/**
 * Opens a session in the store, so that every coordinator of it knows it. The
 * token is always a new one: nobody can have known it before the sign-in.
 */
export async function openSession(
  tx: MetadataWriter,
  { subject, now, place }: { readonly subject: SessionSubject; readonly now: number; readonly place: SignInPlace },
): Promise<OpenedSession> {
  const { forMs, idleMs, most } = LASTING[subject.kind]
  const token = newSecret()
  const at = new Date(now).toISOString()
  const expiresAt = new Date(now + forMs).toISOString()
  const row = { tokenHash: hashSecret(token), subject, createdAt: at, lastUsedAt: at, expiresAt, idleMs, ...place }
  await tx.signIns.putSession(row, most)
  return { token, expiresAt }
}

/** Enough of the hash to tell sessions and tokens apart; nobody signs in with it. */
export function publicIdOf(tokenHash: string): string {
  return tokenHash.slice(0, 16)
}
