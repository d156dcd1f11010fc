import type { FastifyRequest } from 'fastify'
import { ANYBODY_ID, OWNER_ID, ROUTES, SyncError, type PersonId } from '@causeway/protocol'
import type { SessionSubject } from '@causeway/store'
import { personOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'
import { OK, serveRoute } from './serve-route.ts'

const { account: ACCOUNT } = ROUTES

/** What people look after themselves: their password, their sessions, their tokens. */
export function addAccountRoutes(app: App, { personSignIn, apiTokens }: Coordinator): void {
  serveRoute(app, ACCOUNT.changePassword, async (request) => {
    const { person, tokenHash } = accountOf(request)
    await personSignIn.changePassword(person, { ...request.body, tokenHash }, doerOf(request))
    return OK
  })
  serveRoute(app, ACCOUNT.sessions, async (request) => {
    const { subject, current } = sessionsOf(request)
    return personSignIn.sessions(subject, current)
  })
  serveRoute(app, ACCOUNT.endSession, async (request) => {
    const { subject } = sessionsOf(request)
    await personSignIn.endSession(subject, request.params.id, doerOf(request))
    return OK
  })
  serveRoute(app, ACCOUNT.endOtherSessions, async (request) => {
    const { subject, current } = sessionsOf(request)
    return { ended: await personSignIn.endOthers(subject, current, doerOf(request)) }
  })
  serveRoute(app, ACCOUNT.tokens, async (request) => apiTokens.list(accountOf(request).person))
  serveRoute(app, ACCOUNT.makeToken, async (request) => {
    const { person } = accountOf(request)
    const { rights } = personOf(request)
    return apiTokens.create(person, { ...request.body, rights }, doerOf(request))
  })
  serveRoute(app, ACCOUNT.removeToken, async (request) => {
    await apiTokens.remove(accountOf(request).person, request.params.id, doerOf(request))
    return OK
  })
  serveRoute(app, ACCOUNT.removeOwnToken, async (request) => {
    const { held } = request
    if (held?.kind !== 'api-token') throw new SyncError('bad-request', 'this request came by no API token')
    await apiTokens.removeOwn(held.tokenHash, doerOf(request))
    return OK
  })
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
