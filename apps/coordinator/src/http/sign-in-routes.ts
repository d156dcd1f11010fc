import { formatJoinLink, ROUTES, SyncError, type BodyOf, type FolderId } from '@causeway/protocol'
import { sessionCookie } from '../access/session-cookie.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Invites } from '../nodes/invites.ts'
import { sameSecret } from '../access/secrets.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Coordinator } from '../coordinator.ts'
import type { ServedTls } from '../ports/served-tls.ts'
import { meetingPoint } from './meeting-point.ts'
import type { App } from './app.ts'
import { OK, serveRoute } from './serve-route.ts'

const { signIn: SIGN_IN } = ROUTES

export interface SignInOptions {
  readonly coordinator: Coordinator
  readonly invites: Invites
  readonly personSessions: Sessions<'admin'>
  readonly adminToken: string
  readonly guesses: GuessBrake
  readonly tls: ServedTls | undefined
}

/** Sign-in of people, and the invites by which machines come in. */
export function addSignInRoutes(app: App, options: SignInOptions): void {
  const { coordinator, invites, personSessions, adminToken, guesses, tls } = options
  serveRoute(app, SIGN_IN.signIn, async (request, reply) => {
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
    return OK
  })
  serveRoute(app, SIGN_IN.session, async (request) => ({ canSignOut: request.held !== null }))
  serveRoute(app, SIGN_IN.signOut, async (request, reply) => {
    const { name, secure } = sessionCookie(request)
    const cookie = request.cookies[name]
    if (cookie !== undefined) personSessions.end(cookie)
    reply.clearCookie(name, { path: '/', secure })
    return OK
  })
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
