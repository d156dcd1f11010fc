import { isoNow } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import type { Identity } from './authorize.ts'
import { findCredential, type Found } from './find-credential.ts'
import { hashSecret } from './secrets.ts'
import { sameRights } from './person-rights.ts'
import type { SessionEnd } from './sessions.ts'

/** What a request came by, if it can end: a session or an API token. */
export interface HeldCredential {
  readonly kind: 'session' | 'api-token'
  readonly tokenHash: string
  /**
   * For what lives longer than a request: hears, within five seconds, that the
   * credential has ended (whoever ended it, at whatever coordinator, or by its
   * time), or that what its person may do has changed. Returns how to stop listening.
   */
  watch(listener: HeldListener): () => void
}

export interface HeldListener {
  ended(why: SessionEnd): void
  changed(): void
}

export interface Credentials {
  /** Who is behind a token, and what they hold; null for a token that is good for nothing. */
  find(token: string): Promise<{ readonly identity: Identity; readonly held: HeldCredential } | null>
  stop(): void
}

/** A signal may be lost: whoever is connected is looked at this often in any case. */
const LOOK_AGAIN_MS = 3_000
/** How exactly it is known when something was last used. */
const NOTED_EVERY_MS = 60_000

export function createCredentials(context: Context): Credentials {
  const { metadata, steadyClock: clock, timers, signals, log } = context
  interface Watched {
    identity: Identity
    readonly listeners: Set<HeldListener>
  }
  const watched = new Map<string, Watched>()
  let isLooking = false
  let again = false

  const stops = [signals.subscribe('sign-ins', lookAgain), signals.subscribe('revoked', lookAgain)]
  const timer = timers.every(LOOK_AGAIN_MS, lookAgain).unref()

  /** One look at a time; a hint that comes during one starts another. */
  function lookAgain(): void {
    again = true
    if (isLooking || watched.size === 0) return
    isLooking = true
    void look().finally(() => (isLooking = false))
  }

  async function look(): Promise<void> {
    while (again) {
      again = false
      try {
        const hashes = [...watched.keys()]
        const found = await metadata.read((tx) =>
          Promise.all(hashes.map((hash) => findCredential(tx, hash, clock.now()))),
        )
        for (const [index, hash] of hashes.entries()) {
          const now = found[index]
          if (now !== undefined) tell(hash, now)
        }
      } catch (error) {
        log.warn({ err: error }, 'could not look whether those who are connected may still be')
      }
    }
  }

  function tell(hash: string, found: Found): void {
    const one = watched.get(hash)
    if (one === undefined) return
    if (found.kind === 'nothing') {
      watched.delete(hash)
      for (const listener of one.listeners) listener.ended(found.why)
    } else if (!sameIdentity(one.identity, found.identity)) {
      one.identity = found.identity
      for (const listener of one.listeners) listener.changed()
    }
  }

  function watch(hash: string, identity: Identity, listener: HeldListener): () => void {
    const one = watched.get(hash) ?? { identity, listeners: new Set() }
    watched.set(hash, one)
    one.listeners.add(listener)
    // Between the request and this, something may have ended or changed.
    lookAgain()
    return () => {
      one.listeners.delete(listener)
      if (one.listeners.size === 0 && watched.get(hash) === one) watched.delete(hash)
    }
  }

  /** When something was used is for people to read: a store that can't note it still lets them in. */
  async function noteUse(hash: string, { kind, notedAt }: Exclude<Found, { kind: 'nothing' }>): Promise<void> {
    if (notedAt !== null && clock.now() - Date.parse(notedAt) < NOTED_EVERY_MS) return
    const at = isoNow(clock)
    try {
      await metadata.write((tx) =>
        kind === 'session' ? tx.signIns.touchSession(hash, at) : tx.signIns.touchToken(hash, at),
      )
    } catch (error) {
      log.warn({ err: error }, 'could not note that a session was used')
    }
  }

  return {
    async find(token) {
      const tokenHash = hashSecret(token)
      const found = await metadata.read((tx) => findCredential(tx, tokenHash, clock.now()))
      if (found.kind === 'nothing') return null
      await noteUse(tokenHash, found)
      const { kind, identity } = found
      return { identity, held: { kind, tokenHash, watch: (listener) => watch(tokenHash, identity, listener) } }
    },
    stop() {
      timer.cancel()
      for (const stop of stops) stop()
    },
  }
}

function sameIdentity(a: Identity, b: Identity): boolean {
  if (a.kind === 'node' || b.kind === 'node') return a.kind === b.kind
  return a.person.name === b.person.name && sameRights(a.rights, b.rights)
}
