import { z } from 'zod'
import { AuditQuerySchema, AuditResponseSchema } from '../audit.ts'
import {
  AcceptInviteSchema,
  ApiTokenSchema,
  ChangePasswordSchema,
  ChangePersonSchema,
  InviteLookSchema,
  InviteSecretSchema,
  OpenPersonInviteSchema,
  OpenSessionSchema,
  PersonIdSchema,
  PersonInviteMadeSchema,
  PersonInviteRequestSchema,
  PersonViewSchema,
  TokenMadeSchema,
  TokenRequestSchema,
} from '../people.ts'
import { OkSchema } from '../rest.ts'
import { raw, route } from './route.ts'

const PEOPLE = { access: 'admin', tags: ['people'] } as const
const INVITED = { method: 'POST', access: 'public', tags: ['people'] } as const
const ACCOUNT = { access: 'person', tags: ['account'] } as const
const AUDIT = { method: 'GET', access: 'admin', tags: ['audit'] } as const

const OfPerson = z.object({ person: PersonIdSchema })
const ById = z.object({ id: z.string().max(64) })

/** People with accounts, and the links by which others get one. */
export const PEOPLE_ROUTES = {
  list: route({
    ...PEOPLE,
    method: 'GET',
    path: '/api/v1/people',
    summary: 'People with accounts',
    response: z.array(PersonViewSchema),
  }),
  change: route({
    ...PEOPLE,
    method: 'PATCH',
    path: '/api/v1/people/:person',
    summary: "Change a person's roles, name or address, or let them in no more",
    params: OfPerson,
    body: ChangePersonSchema,
    response: PersonViewSchema,
  }),
  remove: route({
    ...PEOPLE,
    method: 'DELETE',
    path: '/api/v1/people/:person',
    summary: 'Remove an account',
    params: OfPerson,
    response: OkSchema,
  }),
  passwordLink: route({
    ...PEOPLE,
    method: 'POST',
    path: '/api/v1/people/:person/password-link',
    summary: 'Create a link by which a person chooses a new password',
    params: OfPerson,
    response: PersonInviteMadeSchema,
  }),
  invites: route({
    ...PEOPLE,
    method: 'GET',
    path: '/api/v1/person-invites',
    summary: 'Invitations that can still be used',
    response: z.array(OpenPersonInviteSchema),
  }),
  invite: route({
    ...PEOPLE,
    method: 'POST',
    path: '/api/v1/person-invites',
    summary: 'Invite a person',
    body: PersonInviteRequestSchema,
    response: PersonInviteMadeSchema,
  }),
  revokeInvite: route({
    ...PEOPLE,
    method: 'DELETE',
    path: '/api/v1/person-invites/:id',
    summary: 'Revoke an invitation',
    params: ById,
    response: OkSchema,
  }),
  /** Secrets travel in bodies: addresses are written into logs. */
  lookAtInvite: route({
    ...INVITED,
    path: '/api/v1/person-invites/look',
    summary: 'What an invitation is for',
    body: InviteSecretSchema,
    response: InviteLookSchema,
  }),
  acceptInvite: route({
    ...INVITED,
    path: '/api/v1/person-invites/accept',
    summary: 'Accept an invitation; the answer sets the cookie of a session',
    body: AcceptInviteSchema,
    response: OkSchema,
  }),
}

/** What people look after themselves: their password, their sessions, their tokens. */
export const ACCOUNT_ROUTES = {
  changePassword: route({
    ...ACCOUNT,
    method: 'POST',
    path: '/api/v1/account/password',
    summary: 'Change your password; all other sessions end',
    body: ChangePasswordSchema,
    response: OkSchema,
  }),
  sessions: route({
    ...ACCOUNT,
    method: 'GET',
    path: '/api/v1/account/sessions',
    summary: 'Your sessions',
    response: z.array(OpenSessionSchema),
  }),
  endSession: route({
    ...ACCOUNT,
    method: 'DELETE',
    path: '/api/v1/account/sessions/:id',
    summary: 'End one of your sessions',
    params: ById,
    response: OkSchema,
  }),
  endOtherSessions: route({
    ...ACCOUNT,
    method: 'DELETE',
    path: '/api/v1/account/sessions',
    summary: 'End all your sessions but this one',
    response: z.object({ ended: z.int() }),
  }),
  tokens: route({
    ...ACCOUNT,
    method: 'GET',
    path: '/api/v1/account/tokens',
    summary: 'Your API tokens',
    response: z.array(ApiTokenSchema),
  }),
  makeToken: route({
    ...ACCOUNT,
    method: 'POST',
    path: '/api/v1/account/tokens',
    summary: 'Create an API token; it is shown this once',
    body: TokenRequestSchema,
    response: TokenMadeSchema,
  }),
  removeToken: route({
    ...ACCOUNT,
    method: 'DELETE',
    path: '/api/v1/account/tokens/:id',
    summary: 'Remove one of your API tokens',
    params: ById,
    response: OkSchema,
  }),
  /** The one thing that a token may do to itself: a script that is done with it signs out. */
  removeOwnToken: route({
    ...ACCOUNT,
    method: 'DELETE',
    path: '/api/v1/account/token',
    summary: 'Remove the API token that this request came by',
    response: OkSchema,
  }),
}

/** The audit log, to be read a page at a time and to be had as a whole. */
export const AUDIT_ROUTES = {
  list: route({
    ...AUDIT,
    path: '/api/v1/audit',
    summary: 'Who did what, newest first',
    query: AuditQuerySchema,
    response: AuditResponseSchema,
  }),
  export: route({
    ...AUDIT,
    path: '/api/v1/audit/export',
    summary: 'All of it as a file',
    query: z.object({ format: z.enum(['jsonl', 'csv']).default('jsonl') }),
    response: raw('text/plain'),
  }),
}
