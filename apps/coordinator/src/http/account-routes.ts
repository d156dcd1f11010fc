import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  ANYBODY_ID,
  ApiTokenSchema,
  ChangePasswordSchema,
  OkSchema,
  OpenSessionSchema,
  OWNER_ID,
  SyncError,
  TokenMadeSchema,
  TokenRequestSchema,
  type PersonId,
} from '@causeway/protocol'
import type { SessionSubject } from '@causeway/store'
import { personOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'

const PERSON = { access: 'person' } as const
const IdParams = z.object({ id: z.string().max(64) })
const tags = ['account']

/** What people look after themselves: their password, their sessions, their tokens. */
export function addAccountRoutes(app: App, { personSignIn, apiTokens }: Coordinator): void {
  app.post(
    '/api/v1/account/password',
    { config: PERSON, schema: { tags, body: ChangePasswordSchema, response: { 200: OkSchema } } },
    async (request) => {
      const { person, tokenHash } = accountOf(request)
      await personSignIn.changePassword(person, { ...request.body, tokenHash }, doerOf(request))
      return { ok: true as const }
    },
  )
  app.get(
    '/api/v1/account/sessions',
    { config: PERSON, schema: { tags, response: { 200: z.array(OpenSessionSchema) } } },
    async (request) => {
      const { subject, current } = sessionsOf(request)
      return [...(await personSignIn.sessions(subject, current))]
    },
  )
  app.delete(
    '/api/v1/account/sessions/:id',
    { config: PERSON, schema: { tags, params: IdParams, response: { 200: OkSchema } } },
    async (request) => {
      const { subject } = sessionsOf(request)
      await personSignIn.endSession(subject, request.params.id, doerOf(request))
      return { ok: true as const }
    },
  )
  app.delete(
    '/api/v1/account/sessions',
    { config: PERSON, schema: { tags, response: { 200: z.object({ ended: z.int() }) } } },
    async (request) => {
      const { subject, current } = sessionsOf(request)
      return { ended: await personSignIn.endOthers(subject, current, doerOf(request)) }
    },
  )
  app.get(
    '/api/v1/account/tokens',
    { config: PERSON, schema: { tags, response: { 200: z.array(ApiTokenSchema) } } },
    async (request) => [...(await apiTokens.list(accountOf(request).person))],
  )
  app.post(
    '/api/v1/account/tokens',
    { config: PERSON, schema: { tags, body: TokenRequestSchema, response: { 200: TokenMadeSchema } } },
    async (request) => {
      const { person } = accountOf(request)
      const { rights } = personOf(request)
      return apiTokens.create(person, { ...request.body, rights }, doerOf(request))
    },
  )
  app.delete(
    '/api/v1/account/tokens/:id',
    { config: PERSON, schema: { tags, params: IdParams, response: { 200: OkSchema } } },
    async (request) => {
      await apiTokens.remove(accountOf(request).person, request.params.id, doerOf(request))
      return { ok: true as const }
    },
  )
  // The one thing that a token may do to itself: a script that is done with it signs out.
  app.delete(
    '/api/v1/account/token',
    { config: PERSON, schema: { tags, response: { 200: OkSchema } } },
    async (request) => {
      const { held } = request
      if (held?.kind !== 'api-token') throw new SyncError('bad-request', 'this request came by no API token')
      await apiTokens.removeOwn(held.tokenHash, doerOf(request))
      return { ok: true as const }
    },
  )
}

/** Whoever comes by the admin token, or without any sign-in, has no account here. */
export function hasAccount(person: PersonId): boolean {
  return person !== OWNER_ID && person !== ANYBODY_ID
}

/** The person who signed in by a session: a token that leaked must not become a second one, or a new password. */
function accountOf(request: FastifyRequest): { person: PersonId; tokenHash: string } {
  const { person } = personOf(request)
  if (!hasAccount(person.id))
    throw new SyncError('not-allowed', 'you have no account here: sign in with a name and a password for that')
  if (request.held?.kind !== 'session')
    throw new SyncError('not-allowed', 'a token cannot do this: sign in with your name and password')
  return { person: person.id, tokenHash: request.held.tokenHash }
}

/** The admin token opens sessions too, and whoever holds it may see and end them. */
function sessionsOf(request: FastifyRequest): { subject: SessionSubject; current: string | null } {
  const { person } = personOf(request)
  if (person.id === OWNER_ID) return { subject: { kind: 'owner' }, current: request.held?.tokenHash ?? null }
  const { tokenHash } = accountOf(request)
  return { subject: { kind: 'person', person: person.id }, current: tokenHash }
}
