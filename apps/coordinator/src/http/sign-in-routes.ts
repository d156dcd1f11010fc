import { OWNER_ID, ROUTES, SyncError, type SessionRequest } from '@causeway/protocol'
import type { FastifyRequest } from 'fastify'
import { personOf, placeOf } from '../access/gate.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import { rightsView } from '../access/person-rights.ts'
import { sameSecret } from '../access/secrets.ts'
import type { OpenedSession } from '../access/sessions.ts'
import type { Coordinator } from '../coordinator.ts'
import { hasAccount } from './account-routes.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'
import { pageLink } from './page-link.ts'
import { OK, serveRoute } from './serve-route.ts'
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts'

export interface SignInOptions {
  readonly coordinator: Coordinator
  readonly adminToken: string
  readonly guesses: GuessBrake
  /** What to call the OpenID Connect provider, where there is one. */
  readonly openIdName: string | null
}

const { signIn: SIGN_IN } = ROUTES

/** Sign-in of people: how they come in, what they may do, how they go out. */
export function addSignInRoutes(app: App, options: SignInOptions): void {
  const { adminToken, guesses, openIdName } = options
  const { personSignIn, signInLinks } = options.coordinator
  serveRoute(app, SIGN_IN.ways, async () => ({ hasAccounts: await personSignIn.hasAccounts(), openId: openIdName }))
  serveRoute(app, SIGN_IN.signIn, async (request, reply) => {
    setSessionCookie(request, reply, await opened(request, request.body))
    return OK
  })
  serveRoute(app, SIGN_IN.session, async (request) => {
    const { person, rights } = personOf(request)
    const canSignOut = request.held?.kind === 'session'
    return { canSignOut, person, hasAccount: hasAccount(person.id), rights: rightsView(rights) }
  })
  serveRoute(app, SIGN_IN.signOut, async (request, reply) => {
    if (request.held?.kind === 'session') await personSignIn.signOut(request.held.tokenHash, doerOf(request))
    clearSessionCookie(request, reply)
    return OK
  })
  serveRoute(app, SIGN_IN.makeLink, async (request) => {
    // A session that was stolen must not outlive itself by a link.
    if (personOf(request).person.id !== OWNER_ID || request.held !== null)
      throw new SyncError(
        'not-allowed',
        "only whoever holds the admin token can make a sign-in link: run causeway sign-in-link --data DIR on the coordinator's machine",
      )
    const made = await signInLinks.create(doerOf(request))
    return { ...made, link: pageLink(request, `/sign-in#${made.secret}`) }
  })

  async function opened(request: FastifyRequest, given: SessionRequest): Promise<OpenedSession> {
    if ('link' in given) return guesses.around(request.ip, () => signInLinks.use(given.link, placeOf(request)))
    if ('name' in given) return personSignIn.withPassword(given, placeOf(request))
    await guesses.around(request.ip, async () => {
      if (sameSecret(given.token, adminToken)) return
      throw new SyncError('not-signed-in', 'this is not the admin token')
    })
    return personSignIn.asOwner(placeOf(request))
  }
}
