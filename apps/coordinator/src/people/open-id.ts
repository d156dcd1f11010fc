import { SyncError, type GrantedRole } from '@causeway/protocol'
import { isInUse, isoNow } from '@causeway/log'
import type { MetadataWriter, PersonInviteRow, PersonRow } from '@causeway/store'
import { openSession, type OpenedSession, type SignInPlace } from '../access/sessions.ts'
import type { Context } from '../ports/context.ts'
import { noteDeed, type Doer } from './audit.ts'
import { newPersonId, toldRoles } from './invitations.ts'

/** Somebody whom an OpenID Connect provider vouches for. */
export interface Vouched {
  /** Issuer and subject: stays the same whatever else changes. */
  readonly subject: string
  /** Null unless the provider has verified it. */
  readonly email: string | null
  readonly name: string | null
}

/**
 * Whom a provider vouches for is let in who signed in by it before, whose
 * address an admin has noted or invited, or, where there are roles for
 * everybody, whoever it is. Throws `not-allowed` for all others.
 */
export type LetVouchedIn = (vouched: Vouched, place: SignInPlace) => Promise<OpenedSession>

export function createLetVouchedIn(context: Context, forEverybody: readonly GrantedRole[]): LetVouchedIn {
  const { metadata, clock, steadyClock, random, signals } = context
  return async (vouched, place) => {
    const id = newPersonId(random)
    const session = await metadata.write(async (tx) => {
      const at = isoNow(clock)
      const known = (await tx.people.withSubject(vouched.subject)) ?? (await claimed(tx, vouched))
      const person = known ?? (await joined(tx, { vouched, id, at, forEverybody }))
      if (person === undefined || person.disabled) return undefined
      const doer: Doer = { actor: { kind: 'person', id: person.id, name: person.name }, from: place.address }
      if (known === undefined) {
        const details = {
          admin: person.isAdmin,
          roles: toldRoles(await tx.people.roles(person.id)),
          by: 'OpenID Connect',
        }
        await noteDeed(tx, { doer, deed: { action: 'person-joined', object: person.name, details }, at })
      }
      await noteDeed(tx, { doer, deed: { action: 'signed-in', details: { by: 'OpenID Connect' } }, at })
      return openSession(tx, { subject: { kind: 'person', person: person.id }, now: steadyClock.now(), place })
    })
    if (session !== undefined) {
      signals.publish('sign-ins', {})
      return session
    }
    const doer: Doer = { actor: { kind: 'nobody', id: '', name: vouched.email ?? '' }, from: place.address }
    const deed = { action: 'sign-in-failed', details: { by: 'OpenID Connect' } } as const
    await metadata.write((tx) => noteDeed(tx, { doer, deed, at: isoNow(clock) }))
    throw new SyncError('not-allowed', 'you are not invited here, or your account is disabled: ask an admin')
  }
}

/** The one account with this address, from now on known by its subject: the address may become somebody else's. */
async function claimed(tx: MetadataWriter, { email, subject }: Vouched): Promise<PersonRow | undefined> {
  if (email === null) return undefined
  const [person, ...others] = await tx.people.withEmail(email)
  if (person === undefined || others.length > 0 || person.subject !== null) return undefined
  const bound = { ...person, subject }
  await tx.people.put(bound)
  return bound
}

interface Joining {
  readonly vouched: Vouched
  readonly id: PersonRow['id']
  readonly at: string
  readonly forEverybody: readonly GrantedRole[]
}

async function joined(tx: MetadataWriter, { vouched, id, at, forEverybody }: Joining): Promise<PersonRow | undefined> {
  const { subject, email, name } = vouched
  const open = email === null ? [] : await tx.people.openInvites(at)
  const invite = open.find((row) => row.kind === 'invitation' && row.email?.toLowerCase() === email?.toLowerCase())
  if (invite === undefined && forEverybody.length === 0) return undefined
  const isAdmin = invite?.isAdmin ?? false
  const row = { id, passwordHash: null, email, subject, isAdmin, disabled: false, createdAt: at }
  for (const wanted of [name, email, `${name ?? 'guest'} (${id.slice(-4)})`]) {
    if (wanted === null) continue
    const person: PersonRow = { ...row, name: wanted.slice(0, 64) }
    if (!(await tx.people.put(person))) continue
    await tx.people.setRoles(id, await inUse(tx, invite?.roles ?? forEverybody))
    if (invite !== undefined) await tx.people.useInvite(invite.secretHash, id)
    return person
  }
  return undefined
}

async function inUse(tx: MetadataWriter, roles: PersonInviteRow['roles']): Promise<GrantedRole[]> {
  const kept: GrantedRole[] = []
  for (const role of roles) {
    const row = await tx.folder(role.folder)
    if (row !== undefined && isInUse(row)) kept.push(role)
  }
  return kept
}
