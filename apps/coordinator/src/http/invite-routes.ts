import { z } from 'zod'
import {
  EnrolRequestSchema,
  EnrolResponseSchema,
  formatJoinLink,
  InviteRequestSchema,
  InviteResponseSchema,
  OkSchema,
  OpenInviteSchema,
  SyncError,
  type FolderId,
} from '@causeway/protocol'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Coordinator } from '../coordinator.ts'
import type { Invites } from '../nodes/invites.ts'
import type { App } from './app.ts'

export interface InviteOptions {
  readonly coordinator: Coordinator
  readonly invites: Invites
  readonly guesses: GuessBrake
}

/** The invites by which machines come in. */
export function addInviteRoutes(app: App, { coordinator, invites, guesses }: InviteOptions): void {
  app.post(
    '/api/v1/invites',
    { schema: { tags: ['sign-in'], body: InviteRequestSchema, response: { 200: InviteResponseSchema } } },
    async (request) => {
      const { access, minutes } = request.body
      const folders = await foldersMeant(coordinator, request.body)
      const { secret, expiresAt } = await invites.create({ folders, access, minutes })
      const url = request.body.url ?? `${request.protocol}://${request.host || 'localhost'}`
      return { link: formatJoinLink({ url, secret, folders }), expiresAt }
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
      config: { access: 'public' },
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
