import { formatJoinLink, ROUTES, SyncError, type BodyOf, type FolderId } from '@causeway/protocol'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Coordinator } from '../coordinator.ts'
import type { Invites } from '../nodes/invites.ts'
import type { ServedTls } from '../ports/served-tls.ts'
import type { App } from './app.ts'
import { meetingPoint } from './meeting-point.ts'
import { OK, serveRoute } from './serve-route.ts'

const { signIn: SIGN_IN } = ROUTES

export interface InviteOptions {
  readonly coordinator: Coordinator
  readonly invites: Invites
  readonly guesses: GuessBrake
  readonly tls: ServedTls | undefined
}

/** The invites by which machines come in. */
export function addInviteRoutes(app: App, { coordinator, invites, guesses, tls }: InviteOptions): void {
  serveRoute(app, SIGN_IN.invite, async (request) => {
    const { access, minutes } = request.body
    const folders = await foldersMeant(coordinator, request.body)
    const { secret, expiresAt } = await invites.create({ folders, access, minutes })
    return { link: formatJoinLink({ ...meetingPoint(request, request.body.url, tls), secret, folders }), expiresAt }
  })
  serveRoute(app, SIGN_IN.invites, async () => invites.list())
  serveRoute(app, SIGN_IN.revokeInvite, async ({ params }) => {
    await invites.revoke(params.id)
    return OK
  })
  serveRoute(app, SIGN_IN.enrol, async ({ ip, body }) => guesses.around(ip, () => invites.enrol(body)))
}

/** Each once, in the order in which they were named. */
async function foldersMeant(
  coordinator: Coordinator,
  { folder, folders }: BodyOf<typeof SIGN_IN.invite>,
): Promise<FolderId[]> {
  if (folder !== undefined && folders !== undefined)
    throw new SyncError('bad-request', 'name the folder in "folder", or several in "folders", but not in both')
  const meant: FolderId[] = []
  for (const named of folders ?? [folder]) meant.push(await coordinator.folders.meant(named))
  return [...new Set(meant)]
}
