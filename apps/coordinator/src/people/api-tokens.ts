import {
  SyncError,
  type ApiToken,
  type FolderId,
  type PersonId,
  type TokenMade,
  type TokenScope,
} from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import type { ApiTokenRow } from '@causeway/store'
import { noSuchFolder } from '../access/authorize.ts'
import { maySee, type PersonRights } from '../access/person-rights.ts'
import { hashSecret, newSecret } from '../access/secrets.ts'
import { publicIdOf } from '../access/sessions.ts'
import type { Context } from '../ports/context.ts'
import { noteDeed, type Doer } from './audit.ts'

/** Tokens for scripts, each a person's own: it may do what its scope says, and never more than that person. */
export interface ApiTokens {
  list(person: PersonId): Promise<readonly ApiToken[]>
  /** The token itself is in this answer and nowhere else. */
  create(person: PersonId, wanted: WantedToken, doer: Doer): Promise<TokenMade>
  /** Throws `not-found` for a token that is not this person's. */
  remove(person: PersonId, id: string, doer: Doer): Promise<void>
  /** Ends the very token that a request came by. */
  removeOwn(tokenHash: string, doer: Doer): Promise<void>
}

export interface WantedToken {
  readonly name: string
  readonly scope: TokenScope
  readonly folders?: readonly FolderId[] | undefined
  readonly days: number
  /** Of whoever makes it. */
  readonly rights: PersonRights
}

const MOST_OF_A_PERSON = 100
/** Says to whoever finds one somewhere what it is. */
const PREFIX = 'causeway_'

export function createApiTokens(context: Context): ApiTokens {
  const { metadata, clock, signals } = context
  return {
    list: async (person) => (await metadata.read((tx) => tx.signIns.tokens(person))).map(viewOf),
    async create(person, { name, scope, folders, days, rights }, doer) {
      for (const folder of folders ?? []) if (!maySee(rights, folder)) throw noSuchFolder(folder)
      const token = `${PREFIX}${newSecret()}`
      const createdAt = isoNow(clock)
      const expiresAt = new Date(clock.now() + days * 24 * 3_600_000).toISOString()
      const tokenHash = hashSecret(token)
      const row: ApiTokenRow = {
        tokenHash,
        person,
        name,
        scope,
        createdAt,
        expiresAt,
        folders: folders ?? null,
        lastUsedAt: null,
      }
      await metadata.write(async (tx) => {
        if ((await tx.signIns.tokens(person)).length >= MOST_OF_A_PERSON)
          throw new SyncError('too-large', `you have ${MOST_OF_A_PERSON} tokens already: remove one first`)
        await tx.signIns.putToken(row)
        const details = { scope, folders: folders?.join(', '), expires: expiresAt }
        await noteDeed(tx, { doer, deed: { action: 'token-made', object: name, details }, at: createdAt })
      })
      return { ...viewOf(row), token }
    },
    async remove(person, id, doer) {
      await metadata.write(async (tx) => {
        const row = (await tx.signIns.tokens(person)).find(({ tokenHash }) => publicIdOf(tokenHash) === id)
        if (row === undefined) throw new SyncError('not-found', `there is no token ${id}`)
        await tx.signIns.removeToken(row.tokenHash)
        await noteDeed(tx, { doer, deed: { action: 'token-removed', object: row.name }, at: isoNow(clock) })
      })
      signals.publish('sign-ins', {})
    },
    async removeOwn(tokenHash, doer) {
      await metadata.write(async (tx) => {
        const row = await tx.signIns.token(tokenHash)
        if (row === undefined || !(await tx.signIns.removeToken(tokenHash))) return
        await noteDeed(tx, { doer, deed: { action: 'token-removed', object: row.name }, at: isoNow(clock) })
      })
      signals.publish('sign-ins', {})
    },
  }
}

function viewOf({ tokenHash, name, scope, folders, createdAt, expiresAt, lastUsedAt }: ApiTokenRow): ApiToken {
  const only = folders === null ? null : [...folders]
  return { id: publicIdOf(tokenHash), name, scope, folders: only, createdAt, expiresAt, lastUsedAt }
}
