import type { Context } from '../ports/context.ts'
import { hashSecret, newSecret } from './secrets.ts'

/** Why a session ended. */
export type SessionEnd = 'signed-out' | 'expired' | 'removed'

/** A session that a request came by. */
export interface HeldSession<Subject = unknown> {
  readonly subject: Subject
  /** False once it has ended or its time is over. */
  readonly isOpen: boolean
  /**
   * Calls back, once, when the session ends before its time. Whatever lives
   * longer than a request must also look at `isOpen` now and then: nothing
   * calls back when its time is over. Returns how to stop listening.
   */
  onEnd(listener: (why: SessionEnd) => void): () => void
}

/** Signed-in sessions, in memory: a restart ends them, and whoever had one signs in again. */
export interface Sessions<Subject> {
  open(subject: Subject): { readonly token: string; readonly expiresAt: string }
  /** The session of a token, if it has not ended. */
  find(token: string): HeldSession<Subject> | undefined
  end(token: string): void
  /** Ends every session of whoever fits. */
  endAll(fits: (subject: Subject) => boolean, why: SessionEnd): void
}

/** Above this the oldest sessions end: sign-in must not be a way to fill memory. */
const MAX_SESSIONS = 10_000

/** How long they last goes by the timers: setting the clock ends none, and lets none last. */
export function createSessions<Subject>(
  { clock, timers }: Pick<Context, 'clock' | 'timers'>,
  hours: number,
): Sessions<Subject> {
  const lastsMs = hours * 3_600_000
  interface Session {
    readonly subject: Subject
    readonly expires: number
    readonly listeners: Set<(why: SessionEnd) => void>
  }
  // Keyed by the token's hash: a look at this map (a heap dump) gives nobody a session.
  const sessions = new Map<string, Session>()

  function end(key: string, why: SessionEnd): void {
    const session = sessions.get(key)
    sessions.delete(key)
    if (session === undefined) return
    const listeners = [...session.listeners]
    session.listeners.clear()
    for (const listener of listeners) listener(why)
  }

  function held(key: string, session: Session): HeldSession<Subject> {
    return {
      subject: session.subject,
      get isOpen() {
        return sessions.get(key) === session && session.expires > timers.now()
      },
      onEnd(listener) {
        session.listeners.add(listener)
        return () => void session.listeners.delete(listener)
      },
    }
  }

  return {
    open(subject) {
      const token = newSecret()
      const expires = timers.now() + lastsMs
      sessions.set(hashSecret(token), { subject, expires, listeners: new Set() })
      for (const oldest of sessions.keys()) {
        if (sessions.size <= MAX_SESSIONS) break
        end(oldest, 'expired')
      }
      return { token, expiresAt: new Date(clock.now() + lastsMs).toISOString() }
    },
    find(token) {
      const key = hashSecret(token)
      const session = sessions.get(key)
      if (session === undefined) return undefined
      if (session.expires > timers.now()) return held(key, session)
      end(key, 'expired')
      return undefined
    },
    end: (token) => end(hashSecret(token), 'signed-out'),
    endAll(fits, why) {
      for (const [key, { subject }] of sessions) if (fits(subject)) end(key, why)
    },
  }
}
