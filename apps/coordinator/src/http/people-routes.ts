import { ROUTES, type PersonInviteMade } from '@causeway/protocol'
import type { FastifyRequest } from 'fastify'
import { placeOf } from '../access/gate.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'
import { pageLink } from './page-link.ts'
import { OK, serveRoute } from './serve-route.ts'
import { setSessionCookie } from './session-cookie.ts'

const { people: PEOPLE } = ROUTES

/** People with accounts, for admins; and the links by which others get one. */
export function addPeopleRoutes(app: App, { people, invitations }: Coordinator, guesses: GuessBrake): void {
  serveRoute(app, PEOPLE.list, async () => people.list())
  serveRoute(app, PEOPLE.change, async (request) => people.change(request.params.person, request.body, doerOf(request)))
  serveRoute(app, PEOPLE.remove, async (request) => {
    await people.remove(request.params.person, doerOf(request))
    return OK
  })
  serveRoute(app, PEOPLE.passwordLink, async (request) =>
    linked(request, await invitations.forNewPassword(request.params.person, doerOf(request))),
  )
  serveRoute(app, PEOPLE.invites, async () => invitations.list())
  serveRoute(app, PEOPLE.invite, async (request) =>
    linked(request, await invitations.create(request.body, doerOf(request))),
  )
  serveRoute(app, PEOPLE.revokeInvite, async (request) => {
    await invitations.revoke(request.params.id, doerOf(request))
    return OK
  })
  serveRoute(app, PEOPLE.lookAtInvite, async ({ ip, body }) => guesses.around(ip, () => invitations.look(body.secret)))
  serveRoute(app, PEOPLE.acceptInvite, async (request, reply) => {
    const session = await guesses.around(request.ip, () => invitations.accept(request.body, placeOf(request)))
    setSessionCookie(request, reply, session)
    return OK
  })
}

function linked(request: FastifyRequest, made: { secret: string; expiresAt: string }): PersonInviteMade {
  return { ...made, link: welcomeLink(pageLink(request, ''), made.secret) }
}

/** Behind the sign nothing is sent to a server, nor written into its log. */
export function welcomeLink(url: string, secret: string): string {
  return `${url}/welcome#${secret}`
}
