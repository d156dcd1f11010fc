import { z } from 'zod'
import {
  EnrolRequestSchema,
  EnrolResponseSchema,
  formatJoinLink,
  InviteRequestSchema,
  InviteResponseSchema,
  OkSchema,
  OpenInviteSchema,
  SessionRequestSchema,
  SessionViewSchema,
  SyncError,
  type FolderId,
} from '@causeway/protocol'
import { sessionCookie } from '../access/session-cookie.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Invites } from '../nodes/invites.ts'
import { sameSecret } from '../access/secrets.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Coordinator } from '../coordinator.ts'
import type { ServedTls } from '../ports/served-tls.ts'
import { meetingPoint } from './meeting-point.ts'
import type { App } from './app.ts'

export interface SignInOptions {
  readonly coordinator: Coordinator
  readonly invites: Invites
  readonly personSessions: Sessions<'admin'>
  readonly adminToken: string
  readonly guesses: GuessBrake
  readonly tls: ServedTls | undefined
}

const PUBLIC = { access: 'public' } as const

/** Sign-in of people, and the invites by which machines come in. */
export function addSignInRoutes(app: App, options: SignInOptions): void {
  const { coordinator, invites, personSessions, adminToken, guesses, tls } = options
  app.post(
    '/api/v1/session',
    { config: PUBLIC, schema: { tags: ['sign-in'], body: SessionRequestSchema, response: { 200: OkSchema } } },
    async (request, reply) => {
      await guesses.around(request.ip, async () => {
        if (sameSecret(request.body.token, adminToken)) return
        throw new SyncError('not-signed-in', 'this is not the admin token')
      })
      const { token, expiresAt } = personSessions.open('admin')
      const { name, secure } = sessionCookie(request)
      reply.setCookie(name, token, {
        httpOnly: true,
        sameSite: 'strict',
        path: '/',
        secure,
        expires: new Date(expiresAt),
      })
      return { ok: true as const }
    },
  )
  app.get(
    '/api/v1/session',
    { schema: { tags: ['sign-in'], response: { 200: SessionViewSchema } } },
    async (request) => ({ canSignOut: request.held !== null }),
  )
  app.delete(
    '/api/v1/session',
    { schema: { tags: ['sign-in'], response: { 200: OkSchema } } },
    async (request, reply) => {
      const { name, secure } = sessionCookie(request)
      const cookie = request.cookies[name]
      if (cookie !== undefined) personSessions.end(cookie)
      reply.clearCookie(name, { path: '/', secure })
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/invites',
    { schema: { tags: ['sign-in'], body: InviteRequestSchema, response: { 200: InviteResponseSchema } } },
    async (request) => {
      const { access, minutes } = request.body
      const folders = await foldersMeant(coordinator, request.body)
      const { secret, expiresAt } = await invites.create({ folders, access, minutes })
      return { link: formatJoinLink({ ...meetingPoint(request, request.body.url, tls), secret, folders }), expiresAt }
    },
  )
  app.get(
    '/api/v1/invites',
    { schema: { tags: ['sign-in'], response: { 200: z.array(OpenInviteSchema) } } },
    async () => [...(await invites.list())],
  )
  app.delete(
    '/api/v1/invites/:id',
    { schema: { tags: ['sign-in'], params: z.object({ id: z.string().max(64) }), response: { 200: OkSchema } } },
    async (request) => {
      await invites.revoke(request.params.id)
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/enrol',
    {
      config: PUBLIC,
      schema: { tags: ['sign-in'], body: EnrolRequestSchema, response: { 200: EnrolResponseSchema } },
    },
    async (request) => guesses.around(request.ip, () => invites.enrol(request.body)),
  )
}

/** Each once, in the order in which they were named. */
async function foldersMeant(
  coordinator: Coordinator,
  { folder, folders }: z.output<typeof InviteRequestSchema>,
): Promise<FolderId[]> {
  if (folder !== undefined && folders !== undefined)
    throw new SyncError('bad-request', 'name the folder in "folder", or several in "folders", but not in both')
  const meant: FolderId[] = []
  for (const named of folders ?? [folder]) meant.push(await coordinator.folders.meant(named))
  return [...new Set(meant)]
}
