import { SyncError, type OpenSession, type PersonId } from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import type { PersonRow, SessionSubject } from '@causeway/store'
import { openSession, publicIdOf, type OpenedSession, type SignInPlace } from '../access/sessions.ts'
import { OWNER } from '../access/find-credential.ts'
import type { Context } from '../ports/context.ts'
import { actorOf, noteDeed, type Audit, type Doer } from './audit.ts'
import type { LoginBrake } from './login-brake.ts'
import type { Passwords } from './passwords.ts'

/** How people come in and go out again, and what they see of where they are signed in. */
export interface PersonSignIn {
  /** False until somebody has an account. */
  hasAccounts(): Promise<boolean>
  /**
   * Opens a session. Throws `not-signed-in` for a wrong name or password, in
   * the same time and words, and `too-many-requests` to whoever guesses.
   */
  withPassword(given: { name: string; password: string }, place: SignInPlace): Promise<OpenedSession>
  /** For whoever has shown the admin token. */
  asOwner(place: SignInPlace): Promise<OpenedSession>
  /** Ends one session, by the hash of its token. */
  signOut(tokenHash: string, doer: Doer): Promise<void>
  sessions(subject: SessionSubject, current: string | null): Promise<readonly OpenSession[]>
  /** Ends one of a subject's own sessions. Throws `not-found`. */
  endSession(subject: SessionSubject, id: string, doer: Doer): Promise<void>
  /** Ends all of them but the current one; returns how many. */
  endOthers(subject: SessionSubject, current: string | null, doer: Doer): Promise<number>
  /** Throws `not-allowed` where `current` is wrong. Ends all other sessions: who had stolen one is out. */
  changePassword(
    person: PersonId,
    given: { current: string; password: string; tokenHash: string | null },
    doer: Doer,
  ): Promise<void>
}

export interface SignInServices {
  readonly passwords: Passwords
  readonly brake: LoginBrake
  readonly audit: Audit
}

export function createPersonSignIn(context: Context, { passwords, brake, audit }: SignInServices): PersonSignIn {
  const { metadata, clock, steadyClock, signals } = context

  async function failed(name: string, place: SignInPlace, isLast: boolean): Promise<void> {
    const doer: Doer = { actor: { kind: 'nobody', id: '', name }, from: place.address }
    await audit.note(doer, { action: 'sign-in-failed' })
    if (isLast) await audit.note(doer, { action: 'sign-in-held-up' })
  }

  async function checked(person: PersonRow | undefined, password: string): Promise<boolean> {
    const isRight = await passwords.verify(password, person?.passwordHash ?? null)
    return isRight && person !== undefined && !person.disabled
  }

  return {
    hasAccounts: async () => (await metadata.read((tx) => tx.people.all())).length > 0,
    async withPassword({ name, password }, place) {
      const attempt = { name, address: place.address }
      const { isLast } = await brake.admit(attempt)
      const person = await metadata.read((tx) => tx.people.named(name))
      if (!(await checked(person, password)) || person === undefined) {
        await failed(person?.name ?? UNKNOWN_NAME, place, isLast)
        throw new SyncError('not-signed-in', 'the name or the password is wrong, or the account is disabled')
      }
      const isOutdated = person.passwordHash !== null && passwords.isOutdated(person.passwordHash)
      const renewed = isOutdated ? await passwords.hash(password) : null
      return metadata.write(async (tx) => {
        await brake.forgive(tx, attempt)
        const now = await tx.people.person(person.id)
        // Between the look at the password and this, it may have been changed, or the account disabled.
        if (now === undefined || now.disabled || now.passwordHash !== person.passwordHash)
          throw new SyncError('outdated', 'the account was changed while you signed in: try again')
        if (renewed !== null) await tx.people.put({ ...now, passwordHash: renewed })
        const { id } = person
        const doer: Doer = { actor: { kind: 'person', id, name: person.name }, from: place.address }
        await noteDeed(tx, { doer, deed: { action: 'signed-in', details: { by: 'password' } }, at: isoNow(clock) })
        return openSession(tx, { subject: { kind: 'person', person: id }, now: steadyClock.now(), place })
      })
    },
    asOwner: (place) =>
      metadata.write(async (tx) => {
        const doer: Doer = { actor: actorOf(OWNER), from: place.address }
        await noteDeed(tx, { doer, deed: { action: 'signed-in', details: { by: 'admin token' } }, at: isoNow(clock) })
        return openSession(tx, { subject: { kind: 'owner' }, now: steadyClock.now(), place })
      }),
    async signOut(tokenHash, doer) {
      await metadata.write(async (tx) => {
        if (!(await tx.signIns.removeSession(tokenHash))) return
        await noteDeed(tx, { doer, deed: { action: 'signed-out' }, at: isoNow(clock) })
      })
      signals.publish('sign-ins', {})
    },
    async sessions(subject, current) {
      const now = steadyClock.now()
      const rows = await metadata.read((tx) => tx.signIns.sessions(subject))
      return rows
        .filter(
          ({ expiresAt, lastUsedAt, idleMs }) => Date.parse(expiresAt) > now && Date.parse(lastUsedAt) + idleMs > now,
        )
        .map(({ tokenHash, createdAt, lastUsedAt, expiresAt, userAgent, address }) => {
          const isThisOne = tokenHash === current
          return { id: publicIdOf(tokenHash), isThisOne, createdAt, lastUsedAt, expiresAt, userAgent, address }
        })
    },
    async endSession(subject, id, doer) {
      await metadata.write(async (tx) => {
        const row = (await tx.signIns.sessions(subject)).find(({ tokenHash }) => publicIdOf(tokenHash) === id)
        if (row === undefined) throw new SyncError('not-found', `there is no session ${id}: it has ended`)
        await tx.signIns.removeSession(row.tokenHash)
        await noteDeed(tx, {
          doer,
          deed: { action: 'session-ended', details: { address: row.address } },
          at: isoNow(clock),
        })
      })
      signals.publish('sign-ins', {})
    },
    async endOthers(subject, current, doer) {
      const count = await metadata.write(async (tx) => {
        const count = await tx.signIns.removeSessions(subject, current ?? undefined)
        if (count > 0)
          await noteDeed(tx, {
            doer,
            deed: { action: 'session-ended', details: { sessions: count } },
            at: isoNow(clock),
          })
        return count
      })
      signals.publish('sign-ins', {})
      return count
    },
    async changePassword(person, { current, password, tokenHash }, doer) {
      const known = await metadata.read((tx) => tx.people.person(person))
      // Whoever found a signed-in browser must not guess on at the password through it.
      const attempt = { name: known?.name ?? '', address: doer.from }
      await brake.admit(attempt)
      if (known === undefined || !(await checked(known, current)))
        throw new SyncError('not-allowed', 'the current password is wrong: nothing was changed')
      const passwordHash = await passwords.hash(password)
      await metadata.write(async (tx) => {
        await brake.forgive(tx, attempt)
        const now = await tx.people.person(person)
        if (now === undefined || now.passwordHash !== known.passwordHash)
          throw new SyncError('outdated', 'the password was changed elsewhere in the meantime: try again')
        await tx.people.put({ ...now, passwordHash })
        await tx.signIns.removeSessions({ kind: 'person', person }, tokenHash ?? undefined)
        await noteDeed(tx, { doer, deed: { action: 'password-changed', object: known.name }, at: isoNow(clock) })
      })
      signals.publish('sign-ins', {})
    },
  }
}

/** What strangers type there may be a password: it is not written down. */
const UNKNOWN_NAME = 'an unknown name'
