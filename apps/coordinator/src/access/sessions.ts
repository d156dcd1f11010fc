import type { Clock } from '../context.ts'
import { hashSecret, newSecret } from './secrets.ts'

/** Signed-in sessions, in memory: a restart ends them, and whoever had one signs in again. */
export interface Sessions<Subject> {
  open(subject: Subject): { readonly token: string; readonly expiresAt: string }
  /** Whose session it is, if it has not ended. */
  find(token: string): Subject | undefined
  end(token: string): void
  /** Ends every session of whoever fits. */
  endAll(fits: (subject: Subject) => boolean): void
}

/** Above this the oldest sessions end: sign-in must not be a way to fill memory. */
const MAX_SESSIONS = 10_000

export function createSessions<Subject>(clock: Clock, hours: number): Sessions<Subject> {
  // Keyed by the token's hash: a look at this map (a heap dump) gives nobody a session.
  const sessions = new Map<string, { readonly subject: Subject; readonly expires: number }>()

  return {
    open(subject) {
      const token = newSecret()
      const expires = clock.now() + hours * 3_600_000
      sessions.set(hashSecret(token), { subject, expires })
      for (const oldest of sessions.keys()) {
        if (sessions.size <= MAX_SESSIONS) break
        sessions.delete(oldest)
      }
      return { token, expiresAt: new Date(expires).toISOString() }
    },
    find(token) {
      const key = hashSecret(token)
      const session = sessions.get(key)
      if (session === undefined) return undefined
      if (session.expires > clock.now()) return session.subject
      sessions.delete(key)
      return undefined
    },
    end: (token) => void sessions.delete(hashSecret(token)),
    endAll(fits) {
      for (const [key, { subject }] of sessions) if (fits(subject)) sessions.delete(key)
    },
  }
}
