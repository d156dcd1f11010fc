import {
  ApiTokenSchema,
  AuditResponseSchema,
  InviteLookSchema,
  LostDeviceSchema,
  OkSchema,
  OpenPersonInviteSchema,
  OpenSessionSchema,
  PersonInviteMadeSchema,
  PersonViewSchema,
  SignInWaysSchema,
  TokenMadeSchema,
  type AcceptInvite,
  type AuditAction,
  type ChangePerson,
  type PersonInviteRequest,
  type TokenRequest,
} from '@causeway/protocol'
import { z } from 'zod'
import type { Http } from './http.ts'

export interface AuditPage {
  readonly before?: number | undefined
  readonly action?: AuditAction | undefined
  readonly actor?: string | undefined
  readonly limit?: number
}

/** People with accounts, what they look after themselves, and what was done. */
export function peopleCalls(http: Http) {
  const person = (id: string, rest = '') => `/api/v1/people/${encodeURIComponent(id)}${rest}`
  return {
    signInWays: () => http.json('GET', '/api/v1/sign-in', SignInWaysSchema),
    /** In a browser the answer sets the cookie of a session. */
    signInAs: (name: string, password: string) =>
      http.json('POST', '/api/v1/session', OkSchema, { body: { name, password } }),

    people: () => http.json('GET', '/api/v1/people', z.array(PersonViewSchema)),
    changePerson: (id: string, change: ChangePerson) =>
      http.json('PATCH', person(id), PersonViewSchema, { body: change }),
    removePerson: (id: string) => http.json('DELETE', person(id), OkSchema),
    passwordLink: (id: string) => http.json('POST', person(id, '/password-link'), PersonInviteMadeSchema),
    invitePerson: (invite: PersonInviteRequest) =>
      http.json('POST', '/api/v1/person-invites', PersonInviteMadeSchema, { body: invite }),
    personInvites: () => http.json('GET', '/api/v1/person-invites', z.array(OpenPersonInviteSchema)),
    revokePersonInvite: (id: string) =>
      http.json('DELETE', `/api/v1/person-invites/${encodeURIComponent(id)}`, OkSchema),
    lookAtInvite: (secret: string) =>
      http.json('POST', '/api/v1/person-invites/look', InviteLookSchema, { body: { secret } }),
    /** In a browser the answer sets the cookie of a session. */
    acceptInvite: (accepted: AcceptInvite) =>
      http.json('POST', '/api/v1/person-invites/accept', OkSchema, { body: accepted }),

    changePassword: (current: string, password: string) =>
      http.json('POST', '/api/v1/account/password', OkSchema, { body: { current, password } }),
    sessions: () => http.json('GET', '/api/v1/account/sessions', z.array(OpenSessionSchema)),
    endSession: (id: string) => http.json('DELETE', `/api/v1/account/sessions/${encodeURIComponent(id)}`, OkSchema),
    endOtherSessions: () => http.json('DELETE', '/api/v1/account/sessions', z.object({ ended: z.int() })),
    tokens: () => http.json('GET', '/api/v1/account/tokens', z.array(ApiTokenSchema)),
    makeToken: (token: TokenRequest) => http.json('POST', '/api/v1/account/tokens', TokenMadeSchema, { body: token }),
    removeToken: (id: string) => http.json('DELETE', `/api/v1/account/tokens/${encodeURIComponent(id)}`, OkSchema),
    /** Ends the very token that this client comes by. */
    removeOwnToken: () => http.json('DELETE', '/api/v1/account/token', OkSchema),

    audit: async (page: AuditPage = {}) =>
      (await http.json('GET', '/api/v1/audit', AuditResponseSchema, { query: { ...page } })).entries,
    /** Ends a device's rights, and says what it held. */
    reportLost: (node: string) => http.json('POST', `/api/v1/nodes/${encodeURIComponent(node)}/lost`, LostDeviceSchema),
    /** Any call, by its address: for scripts. */
    call: (method: string, path: string, body?: unknown) =>
      http.json(method, path, z.unknown(), body === undefined ? {} : { body }),
  }
}
