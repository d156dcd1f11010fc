import type { PersonInviteRow } from '@causeway/store'
import type { Clock } from '@causeway/time'
import { hashSecret, newSecret } from '../access/secrets.ts'

/** Of a link that is for nobody in particular, and gives no rights. */
export const FOR_NOBODY = { person: null, isAdmin: false, roles: [], email: null } as const

/** A link's secret, for whoever gets the link, and the row that is kept of it. It is good from now on, once. */
export function newInvite(
  clock: Pick<Clock, 'now'>,
  what: Omit<PersonInviteRow, 'secretHash' | 'usedBy' | 'expiresAt'>,
  minutes: number,
): { readonly secret: string; readonly row: PersonInviteRow } {
  const secret = newSecret()
  const expiresAt = new Date(clock.now() + minutes * 60_000).toISOString()
  return { secret, row: { ...what, secretHash: hashSecret(secret), expiresAt, usedBy: null } }
}
