import { SyncError, type ChangePerson, type PersonId, type PersonView } from '@causeway/protocol'
import { folderOf, isoNow } from '@causeway/log'
import type { MetadataReader, PersonRow } from '@causeway/store'
import type { Context } from '../ports/context.ts'
import { noteDeed, type Doer } from './audit.ts'

/** People with accounts, as admins see and change them. */
export interface People {
  list(): Promise<readonly PersonView[]>
  /** Throws `not-found`, and `not-allowed` for what would leave no admin. Takes effect within five seconds, on open sockets too. */
  change(id: PersonId, change: ChangePerson, doer: Doer): Promise<PersonView>
  /** Ends an account with its sessions and tokens. What the person did stays in history and in the audit log. */
  remove(id: PersonId, doer: Doer): Promise<void>
}

export function createPeople(context: Context): People {
  const { metadata, clock, signals } = context
  return {
    list: () =>
      metadata.read(async (tx) => {
        const rows = await tx.people.all()
        return Promise.all(rows.map((row) => viewOf(tx, row)))
      }),
    async change(id, change, doer) {
      const view = await metadata.write(async (tx) => {
        const known = await personOf(tx, id)
        const { isAdmin = known.isAdmin, disabled = known.disabled, email = known.email, roles } = change
        const next = { ...known, isAdmin, disabled, email }
        await refuseToLoseLastAdmin(tx, known, next)
        if (roles !== undefined) {
          for (const { folder } of roles) await folderOf(tx, folder)
          await tx.people.setRoles(id, roles)
        }
        if (!(await tx.people.put(next)))
          throw new SyncError('already-exists', `someone else is called ${known.name} by now`)
        const told = roles?.map(({ folder, role }) => `${folder}: ${role}`).join(', ')
        const details = {
          ...(change.isAdmin !== undefined && { admin: isAdmin }),
          ...(change.disabled !== undefined && { disabled }),
          ...(change.email !== undefined && { email: email ?? 'none' }),
          ...(told !== undefined && { roles: told || 'none' }),
        }
        await noteDeed(tx, { doer, deed: { action: 'person-changed', object: known.name, details }, at: isoNow(clock) })
        if (disabled) await tx.signIns.removeSessions({ kind: 'person', person: id })
        return viewOf(tx, next)
      })
      signals.publish('sign-ins', {})
      return view
    },
    async remove(id, doer) {
      await metadata.write(async (tx) => {
        const known = await personOf(tx, id)
        await refuseToLoseLastAdmin(tx, known, { ...known, isAdmin: false })
        await tx.people.remove(id)
        await noteDeed(tx, { doer, deed: { action: 'person-removed', object: known.name }, at: isoNow(clock) })
      })
      signals.publish('sign-ins', {})
    },
  }
}

export async function personOf(tx: MetadataReader, id: PersonId): Promise<PersonRow> {
  const row = await tx.people.person(id)
  if (row === undefined) throw new SyncError('not-found', `there is no person ${id}`)
  return row
}

async function viewOf(tx: MetadataReader, row: PersonRow): Promise<PersonView> {
  const { id, name, email, isAdmin, disabled, createdAt, passwordHash } = row
  const [latest] = await tx.signIns.sessions({ kind: 'person', person: id })
  const roles = (await tx.people.roles(id)).map(({ folder, role }) => ({ folder, role }))
  const lastSeenAt = latest?.lastUsedAt ?? null
  return { id, name, email, isAdmin, disabled, createdAt, lastSeenAt, hasPassword: passwordHash !== null, roles }
}

/** Somebody must be able to let others in without going to the machine. */
async function refuseToLoseLastAdmin(tx: MetadataReader, before: PersonRow, after: PersonRow): Promise<void> {
  if (!isActiveAdmin(before) || isActiveAdmin(after)) return
  const others = (await tx.people.all()).filter((row) => row.id !== before.id && isActiveAdmin(row))
  if (others.length > 0) return
  throw new SyncError('not-allowed', `${before.name} is the last admin: make someone else an admin first`)
}

function isActiveAdmin({ isAdmin, disabled }: PersonRow): boolean {
  return isAdmin && !disabled
}
