import { z } from 'zod'
import {
  AcceptInviteSchema,
  ChangePersonSchema,
  InviteLookSchema,
  InviteSecretSchema,
  OkSchema,
  OpenPersonInviteSchema,
  PersonIdSchema,
  PersonInviteMadeSchema,
  PersonInviteRequestSchema,
  PersonViewSchema,
  type PersonInviteMade,
} from '@causeway/protocol'
import type { FastifyRequest } from 'fastify'
import { placeOf } from '../access/gate.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'
import { setSessionCookie } from './session-cookie.ts'

const PUBLIC = { access: 'public' } as const
const PersonParams = z.object({ person: PersonIdSchema })
const IdParams = z.object({ id: z.string().max(64) })
const tags = ['people']

/** People with accounts, for admins; and the links by which others get one. */
export function addPeopleRoutes(app: App, { people, invitations }: Coordinator, guesses: GuessBrake): void {
  app.get('/api/v1/people', { schema: { tags, response: { 200: z.array(PersonViewSchema) } } }, async () => [
    ...(await people.list()),
  ])
  app.patch(
    '/api/v1/people/:person',
    { schema: { tags, params: PersonParams, body: ChangePersonSchema, response: { 200: PersonViewSchema } } },
    async (request) => people.change(request.params.person, request.body, doerOf(request)),
  )
  app.delete(
    '/api/v1/people/:person',
    { schema: { tags, params: PersonParams, response: { 200: OkSchema } } },
    async (request) => {
      await people.remove(request.params.person, doerOf(request))
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/people/:person/password-link',
    { schema: { tags, params: PersonParams, response: { 200: PersonInviteMadeSchema } } },
    async (request) => linked(request, await invitations.forNewPassword(request.params.person, doerOf(request))),
  )
  app.get(
    '/api/v1/person-invites',
    { schema: { tags, response: { 200: z.array(OpenPersonInviteSchema) } } },
    async () => [...(await invitations.list())],
  )
  app.post(
    '/api/v1/person-invites',
    { schema: { tags, body: PersonInviteRequestSchema, response: { 200: PersonInviteMadeSchema } } },
    async (request) => linked(request, await invitations.create(request.body, doerOf(request))),
  )
  app.delete(
    '/api/v1/person-invites/:id',
    { schema: { tags, params: IdParams, response: { 200: OkSchema } } },
    async (request) => {
      await invitations.revoke(request.params.id, doerOf(request))
      return { ok: true as const }
    },
  )
  // Secrets travel in bodies: addresses are written into logs.
  app.post(
    '/api/v1/person-invites/look',
    { config: PUBLIC, schema: { tags, body: InviteSecretSchema, response: { 200: InviteLookSchema } } },
    async (request) => guesses.around(request.ip, () => invitations.look(request.body.secret)),
  )
  app.post(
    '/api/v1/person-invites/accept',
    { config: PUBLIC, schema: { tags, body: AcceptInviteSchema, response: { 200: OkSchema } } },
    async (request, reply) => {
      const session = await guesses.around(request.ip, () => invitations.accept(request.body, placeOf(request)))
      setSessionCookie(request, reply, session)
      return { ok: true as const }
    },
  )
}

function linked(request: FastifyRequest, made: { secret: string; expiresAt: string }): PersonInviteMade {
  const url = `${request.protocol}://${request.host || 'localhost'}`
  return { ...made, link: welcomeLink(url, made.secret) }
}

/** Behind the sign nothing is sent to a server, nor written into its log. */
export function welcomeLink(url: string, secret: string): string {
  return `${url}/welcome#${secret}`
}
