import { check, REST_ROUTES, type AuditAction, type BodyFor } from '@causeway/protocol'
import { z } from 'zod'
import { call } from './call.ts'
import type { Http } from './http.ts'

const { account, audit, nodes, people, signIn } = REST_ROUTES

export interface AuditPage {
  readonly before?: number | undefined
  readonly action?: AuditAction | undefined
  readonly actor?: string | undefined
  readonly limit?: number
}

/** People with accounts, what they look after themselves, and what was done. */
export function peopleCalls(http: Http) {
  return {
    signInWays: () => call(http, signIn.ways, {}),
    /** In a browser the answer sets the cookie of a session. */
    signInAs: (name: string, password: string) => call(http, signIn.signIn, { body: { name, password } }),

    people: () => call(http, people.list, {}),
    changePerson: (person: string, change: BodyFor<typeof people.change>) =>
      call(http, people.change, { params: { person }, body: change }),
    removePerson: (person: string) => call(http, people.remove, { params: { person } }),
    passwordLink: (person: string) => call(http, people.passwordLink, { params: { person } }),
    invitePerson: (invite: BodyFor<typeof people.invite>) => call(http, people.invite, { body: invite }),
    personInvites: () => call(http, people.invites, {}),
    revokePersonInvite: (id: string) => call(http, people.revokeInvite, { params: { id } }),
    lookAtInvite: (secret: string) => call(http, people.lookAtInvite, { body: { secret } }),
    /** In a browser the answer sets the cookie of a session. */
    acceptInvite: (accepted: BodyFor<typeof people.acceptInvite>) =>
      call(http, people.acceptInvite, { body: accepted }),

    changePassword: (current: string, password: string) =>
      call(http, account.changePassword, { body: { current, password } }),
    sessions: () => call(http, account.sessions, {}),
    endSession: (id: string) => call(http, account.endSession, { params: { id } }),
    endOtherSessions: () => call(http, account.endOtherSessions, {}),
    tokens: () => call(http, account.tokens, {}),
    makeToken: (token: BodyFor<typeof account.makeToken>) => call(http, account.makeToken, { body: token }),
    removeToken: (id: string) => call(http, account.removeToken, { params: { id } }),
    /** Ends the very token that this client comes by. */
    removeOwnToken: () => call(http, account.removeOwnToken, {}),

    async audit({ before, ...page }: AuditPage = {}) {
      const query = { ...page, ...(before !== undefined && { before }) }
      return (await call(http, audit.list, { query })).entries
    },
    /** Ends a device's rights, and says what it held. */
    reportLost: (node: string) => call(http, nodes.reportLost, { params: { id: node } }),
    /** Any call, by its address: for scripts. */
    async call(method: string, path: string, body?: unknown): Promise<unknown> {
      const json = body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await http.send({
        method,
        path,
        query: {},
        headers: { accept: 'application/json', ...json },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return check(z.unknown(), await response.json())
    },
  }
}
