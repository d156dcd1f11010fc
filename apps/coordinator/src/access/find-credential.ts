import { OWNER_ID, type PersonId } from '@causeway/protocol'
import type { MetadataReader, PersonRow, SessionRow } from '@causeway/store'
import type { Identity, PersonIdentity } from './authorize.ts'
import { ALL_RIGHTS, narrowed, rightsOf } from './person-rights.ts'
import type { SessionEnd } from './sessions.ts'

/** What a token stands for, or why it stands for nothing any more. */
export type Found =
  | {
      readonly kind: 'session' | 'api-token'
      readonly identity: Identity
      /** When it was last noted to be in use; null where it never was. */
      readonly notedAt: string | null
    }
  | { readonly kind: 'nothing'; readonly why: SessionEnd }

/** Looks a token up by its hash. What it is good for is read again each time: rights that were taken away are gone at once. */
export async function findCredential(tx: MetadataReader, tokenHash: string, now: number): Promise<Found> {
  const session = await tx.signIns.session(tokenHash)
  if (session !== undefined) return foundSession(tx, session, now)
  const token = await tx.signIns.token(tokenHash)
  if (token === undefined) return { kind: 'nothing', why: 'signed-out' }
  if (Date.parse(token.expiresAt) <= now) return { kind: 'nothing', why: 'expired' }
  const whole = await identityOf(tx, token.person)
  if (whole === undefined) return { kind: 'nothing', why: 'removed' }
  const identity = { ...whole, rights: narrowed(whole.rights, token) }
  return { kind: 'api-token', identity, notedAt: token.lastUsedAt }
}

export const OWNER: PersonIdentity = {
  kind: 'person',
  person: { id: OWNER_ID, name: 'Owner of the machine' },
  rights: ALL_RIGHTS,
}

async function foundSession(tx: MetadataReader, session: SessionRow, now: number): Promise<Found> {
  const { subject, expiresAt, lastUsedAt, idleMs } = session
  const isOver = Date.parse(expiresAt) <= now || Date.parse(lastUsedAt) + idleMs <= now
  if (isOver) return { kind: 'nothing', why: 'expired' }
  const found = (identity: Identity): Found => ({ kind: 'session', identity, notedAt: lastUsedAt })
  if (subject.kind === 'owner') return found(OWNER)
  if (subject.kind === 'node') {
    const row = await tx.node(subject.node)
    return row === undefined || row.revoked ? { kind: 'nothing', why: 'removed' } : found(subject)
  }
  const identity = await identityOf(tx, subject.person)
  return identity === undefined ? { kind: 'nothing', why: 'removed' } : found(identity)
}

/** Undefined for one who is not let in any more. */
async function identityOf(tx: MetadataReader, id: PersonId): Promise<PersonIdentity | undefined> {
  const person = await tx.people.person(id)
  if (person === undefined || person.disabled) return undefined
  return personIdentity(person, await tx.people.roles(id))
}

function personIdentity({ id, name, isAdmin }: PersonRow, roles: Parameters<typeof rightsOf>[1]): PersonIdentity {
  return { kind: 'person', person: { id, name }, rights: rightsOf(isAdmin, roles) }
}
