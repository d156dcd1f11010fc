import {
  PersonIdSchema,
  SyncError,
  type GrantedRole,
  type InviteLook,
  type OpenPersonInvite,
  type PersonId,
} from '@causeway/protocol'
import { folderOf, isInUse, isoNow } from '@causeway/log'
import type { MetadataReader, MetadataWriter, PersonInviteRow, PersonRow } from '@causeway/store'
import type { Random } from '@causeway/time'
import { hashSecret } from '../access/secrets.ts'
import { openSession, publicIdOf, type OpenedSession, type SignInPlace } from '../access/sessions.ts'
import type { Context } from '../ports/context.ts'
import { noteDeed, type Doer } from './audit.ts'
import { FOR_NOBODY, newInvite } from './new-invite.ts'
import type { Passwords } from './passwords.ts'
import { personOf } from './people.ts'

/** Links by which people get an account, or a new password. Each is good once, for a while. */
export interface PersonInvitations {
  /** A link that makes the first admin; null where somebody has an account already. */
  forFirstAdmin(): Promise<string | null>
  create(wanted: WantedInvite, doer: Doer): Promise<MadeInvite>
  /** A link by which a person sets a new password: for one who has forgotten theirs. */
  forNewPassword(person: PersonId, doer: Doer): Promise<MadeInvite>
  list(): Promise<readonly OpenPersonInvite[]>
  /** Throws `not-found`. */
  revoke(id: string, doer: Doer): Promise<void>
  /** What a link is for. Throws `invite-invalid` where it is good for nothing any more. */
  look(secret: string): Promise<InviteLook>
  /**
   * Makes the account, or sets the new password, and signs in. Throws
   * `invite-invalid`, and `already-exists` for a name that somebody has.
   */
  accept(
    given: { secret: string; name?: string | undefined; password: string },
    place: SignInPlace,
  ): Promise<OpenedSession>
}

export interface WantedInvite {
  readonly isAdmin: boolean
  readonly roles: readonly GrantedRole[]
  readonly email?: string | undefined
  readonly minutes: number
}

export interface MadeInvite {
  readonly secret: string
  readonly expiresAt: string
}

const FIRST_ADMIN_MINUTES = 24 * 60
const NEW_PASSWORD_MINUTES = 24 * 60

export function createPersonInvitations(context: Context, passwords: Passwords): PersonInvitations {
  const { metadata, clock, steadyClock, random, signals } = context

  /** The row of a link that may be used now. */
  async function usable(tx: MetadataReader, secret: string): Promise<AccountInvite> {
    const row = await tx.people.invite(hashSecret(secret))
    const isGood = row !== undefined && row.usedBy === null && Date.parse(row.expiresAt) > clock.now()
    if (!isGood || !isForAccount(row)) throw unusable()
    if (row.kind === 'first-admin' && (await tx.people.all()).length > 0) throw unusable()
    return row
  }

  return {
    async forFirstAdmin() {
      const { secret, row } = newInvite(
        clock,
        { ...FOR_NOBODY, kind: 'first-admin', isAdmin: true },
        FIRST_ADMIN_MINUTES,
      )
      return metadata.write(async (tx) => {
        if ((await tx.people.all()).length > 0) return null
        await tx.people.putInvite(row)
        return secret
      })
    },
    async create({ isAdmin, roles, email, minutes }, doer) {
      if (!isAdmin && roles.length === 0)
        throw new SyncError('bad-request', 'an invitation names at least one folder, or makes an admin')
      const what = { ...FOR_NOBODY, kind: 'invitation' as const, isAdmin, roles, email: email ?? null }
      const { secret, row } = newInvite(clock, what, minutes)
      await metadata.write(async (tx) => {
        for (const { folder } of roles) await folderOf(tx, folder)
        await tx.people.putInvite(row)
        const details = { admin: isAdmin, roles: toldRoles(roles), email }
        await noteDeed(tx, {
          doer,
          deed: { action: 'person-invited', object: email ?? '', details },
          at: isoNow(clock),
        })
      })
      return { secret, expiresAt: row.expiresAt }
    },
    async forNewPassword(person, doer) {
      const { secret, row } = newInvite(clock, { ...FOR_NOBODY, kind: 'new-password', person }, NEW_PASSWORD_MINUTES)
      await metadata.write(async (tx) => {
        const { name } = await personOf(tx, person)
        await tx.people.putInvite(row)
        await noteDeed(tx, { doer, deed: { action: 'password-link-made', object: name }, at: isoNow(clock) })
      })
      return { secret, expiresAt: row.expiresAt }
    },
    list: () =>
      metadata.read(async (tx) => {
        const rows = (await tx.people.openInvites(isoNow(clock))).filter(isForAccount)
        return Promise.all(rows.filter(({ kind }) => kind !== 'first-admin').map((row) => openView(tx, row)))
      }),
    async revoke(id, doer) {
      await metadata.write(async (tx) => {
        const open = await tx.people.openInvites(isoNow(clock))
        const row = open.find(({ secretHash }) => publicIdOf(secretHash) === id)
        if (row === undefined || !(await tx.people.removeInvite(row.secretHash)))
          throw new SyncError('not-found', `there is no open invitation ${id}: it was used or revoked, or has expired`)
        await noteDeed(tx, {
          doer,
          deed: { action: 'person-invite-revoked', object: row.email ?? '' },
          at: isoNow(clock),
        })
      })
    },
    look: (secret) =>
      metadata.read(async (tx) => {
        const { kind, isAdmin, roles, person } = await usable(tx, secret)
        const folders = []
        for (const { folder, role } of roles) {
          const row = await tx.folder(folder)
          if (row !== undefined && isInUse(row)) folders.push({ name: row.name, role })
        }
        const name = person === null ? null : (await personOf(tx, person)).name
        return { kind, name, isAdmin, folders }
      }),
    async accept({ secret, name, password }, place) {
      // A guess at a link must not cost a hash of a password.
      await metadata.read((tx) => usable(tx, secret))
      const passwordHash = await passwords.hash(password)
      const newId = newPersonId(random)
      const session = await metadata.write(async (tx) => {
        const invite = await usable(tx, secret)
        const at = isoNow(clock)
        const person =
          invite.person === null
            ? await join(tx, { invite, name, passwordHash, id: newId, at })
            : await resetPassword(tx, invite.person, passwordHash)
        if (!(await tx.people.useInvite(invite.secretHash, person.id))) throw unusable()
        const doer: Doer = { actor: { kind: 'person', id: person.id, name: person.name }, from: place.address }
        const isNew = invite.person === null
        const details = isNew ? { admin: invite.isAdmin, roles: toldRoles(invite.roles) } : { by: 'link' }
        const action = isNew ? 'person-joined' : 'password-changed'
        await noteDeed(tx, { doer, deed: { action, object: person.name, details }, at })
        return openSession(tx, { subject: { kind: 'person', person: person.id }, now: steadyClock.now(), place })
      })
      signals.publish('sign-ins', {})
      return session
    },
  }
}

type AccountInvite = PersonInviteRow & { readonly kind: InviteLook['kind'] }

/** A link that makes an account or changes one; others sign in only. */
function isForAccount(row: PersonInviteRow): row is AccountInvite {
  return row.kind !== 'sign-in'
}

interface Joining {
  readonly invite: PersonInviteRow
  readonly name: string | undefined
  readonly passwordHash: string | null
  readonly id: PersonId
  readonly at: string
}

async function join(tx: MetadataWriter, { invite, name, passwordHash, id, at }: Joining): Promise<PersonRow> {
  if (name === undefined) throw new SyncError('bad-request', 'choose a name to sign in with')
  const { isAdmin, email, roles } = invite
  const person = { id, name, passwordHash, email, subject: null, isAdmin, disabled: false, createdAt: at }
  if (!(await tx.people.put(person)))
    throw new SyncError('already-exists', `someone here is called ${name} already: choose another name`)
  await tx.people.setRoles(id, roles)
  return person
}

/** Who had stolen a session is out. */
async function resetPassword(tx: MetadataWriter, id: PersonId, passwordHash: string): Promise<PersonRow> {
  const person = await personOf(tx, id)
  if (person.disabled) throw new SyncError('not-allowed', 'this account is disabled: ask an admin')
  await tx.people.put({ ...person, passwordHash })
  await tx.signIns.removeSessions({ kind: 'person', person: id })
  return person
}

async function openView(tx: MetadataReader, row: PersonInviteRow): Promise<OpenPersonInvite> {
  const { secretHash, isAdmin, roles, email, person, expiresAt } = row
  const resets = person === null ? null : ((await tx.people.person(person))?.name ?? null)
  return { id: publicIdOf(secretHash), isAdmin, roles: [...roles], email, resets, expiresAt }
}

export function newPersonId(random: Pick<Random, 'hex'>): PersonId {
  return PersonIdSchema.parse(`p${random.hex(8)}`)
}

export function toldRoles(roles: PersonInviteRow['roles']): string | undefined {
  return roles.length === 0 ? undefined : roles.map(({ folder, role }) => `${folder}: ${role}`).join(', ')
}

function unusable(): SyncError {
  return new SyncError('invite-invalid', 'this link is invalid, was used before, or has expired: ask for a new one')
}
