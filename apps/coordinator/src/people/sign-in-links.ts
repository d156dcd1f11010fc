import { OWNER_ID, SyncError } from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import { OWNER } from '../access/find-credential.ts'
import { hashSecret } from '../access/secrets.ts'
import { openSession, type OpenedSession, type SignInPlace } from '../access/sessions.ts'
import type { Context } from '../ports/context.ts'
import { actorOf, noteDeed, type Doer } from './audit.ts'
import type { MadeInvite } from './invitations.ts'
import { FOR_NOBODY, newInvite } from './new-invite.ts'

/** Links that sign a browser in as the owner of the machine, without a password. Each is good once, for a day. */
export interface SignInLinks {
  /** For whoever has shown the admin token. */
  create(doer: Doer): Promise<MadeInvite>
  /** Opens a session. Throws `invite-invalid` where the link is good for nothing any more. */
  use(secret: string, place: SignInPlace): Promise<OpenedSession>
}

const GOOD_FOR_MINUTES = 24 * 60

export function createSignInLinks({ metadata, clock, steadyClock }: Context): SignInLinks {
  return {
    async create(doer) {
      const { secret, row } = newInvite(clock, { ...FOR_NOBODY, kind: 'sign-in' }, GOOD_FOR_MINUTES)
      const { expiresAt } = row
      await metadata.write(async (tx) => {
        await tx.people.putInvite(row)
        await noteDeed(tx, { doer, deed: { action: 'sign-in-link-made', details: { expiresAt } }, at: isoNow(clock) })
      })
      return { secret, expiresAt }
    },
    use: (secret, place) =>
      metadata.write(async (tx) => {
        const row = await tx.people.invite(hashSecret(secret))
        const isGood = row?.kind === 'sign-in' && Date.parse(row.expiresAt) > clock.now()
        if (!isGood || !(await tx.people.useInvite(row.secretHash, OWNER_ID)))
          throw new SyncError(
            'invite-invalid',
            'this link is invalid, was used before, or has expired: print a new one',
          )
        const doer: Doer = { actor: actorOf(OWNER), from: place.address }
        await noteDeed(tx, { doer, deed: { action: 'signed-in', details: { by: 'link' } }, at: isoNow(clock) })
        return openSession(tx, { subject: { kind: 'owner' }, now: steadyClock.now(), place })
      }),
  }
}
