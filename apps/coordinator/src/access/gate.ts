import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FolderIdSchema, SyncError, type FolderRight, type NodeId, type RouteAccess } from '@causeway/protocol'
import type { Context } from '../ports/context.ts'
import type { HostCheck } from './host-check.ts'
import { wantsPage } from './navigation.ts'
import { addNodeTurns } from './node-turns.ts'
import { ADMIN, authorize, type Action, type FolderMembership, type Identity } from './authorize.ts'
import { sameSecret } from './secrets.ts'
import { sessionCookie } from './session-cookie.ts'
import type { HeldSession, Sessions } from './sessions.ts'
import { boundStranger, boundStrangersBodies } from './strangers.ts'

/** A route as the gate knows it. A route that says nothing is for people. */
export interface GatedRoute {
  readonly method: string
  readonly url: string
  readonly access: RouteAccess
  readonly right: FolderRight | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route there is behind the gate. */
    gated: readonly GatedRoute[]
  }
  interface FastifyContextConfig {
    access?: RouteAccess
    /** What a node needs in the folder that the route names; without it, `list`. */
    right?: FolderRight
  }
  interface FastifyRequest {
    identity: Identity | null
    /** The session that the request came by; null where it came by the admin token, or by none. */
    held: HeldSession | null
    /** What the node behind the request is in the folder that the route names. */
    membership: FolderMembership | null
  }
}

export interface GateOptions {
  readonly context: Context
  readonly hosts: HostCheck
  readonly nodeSessions: Sessions<NodeId>
  readonly personSessions: Sessions<'admin'>
  readonly adminToken: string
  /** People need no identity; the server then listens on loopback only. */
  readonly openToPeople: boolean
  /** How long a stranger may take to send a request. */
  readonly strangersMs: number
}

/** Puts every route behind a check of host, origin and identity, those included that plug-ins add. */
export function addGate(app: FastifyInstance, options: GateOptions): void {
  const { context, hosts } = options
  boundStrangersBodies(app)
  listRoutes(app)
  app.decorateRequest('identity', null)
  app.decorateRequest('held', null)
  app.decorateRequest('membership', null)
  app.addHook('onRequest', async (request) => {
    const { origin } = request.headers
    // As the proxy was asked, where one that is trusted says so.
    const host = request.host || undefined
    if (!hosts.host(host, request.socket.localAddress)) {
      throw new SyncError(
        'foreign-host',
        `the request is addressed to ${host ?? 'no host'}, which is not this coordinator's name`,
      )
    }
    const upgrade = request.headers.upgrade !== undefined
    if ((upgrade || !isSafe(request.method)) && !hosts.origin(origin, host)) {
      throw new SyncError('foreign-host', `the request comes from a page of another site (${origin ?? ''})`)
    }
    const { access } = request.routeOptions.config
    // The page that answers a mistyped address is the one that anybody may have at the right ones.
    if (access === 'public' || (request.is404 && wantsPage(request))) {
      boundStranger(request, options.strangersMs)
      return
    }
    identify(request, options)
    await admit(context, request)
    if (request.identity?.kind === 'node') context.observe.requested(request.identity.node, request.raw.socket)
  })
  // Behind the hook that says who asks.
  addNodeTurns(app)
}

function listRoutes(app: FastifyInstance): void {
  const gated: GatedRoute[] = []
  app.decorate('gated', gated)
  app.addHook('onRoute', ({ method, url, config }) => {
    const { access = 'person', right = null } = config ?? {}
    for (const one of [method].flat()) gated.push({ method: one, url, access, right })
  })
}

/** The node behind a request of a node's route. */
export function nodeOf(request: FastifyRequest): NodeId {
  if (request.identity?.kind !== 'node') throw new SyncError('not-signed-in', 'this route is for nodes')
  return request.identity.node
}

function identify(request: FastifyRequest, options: GateOptions): void {
  const token = bearerOf(request)
  const { nodeSessions, personSessions, adminToken } = options
  if (token !== undefined) {
    const node = nodeSessions.find(token)
    if (node !== undefined) {
      request.identity = { kind: 'node', node: node.subject }
      request.held = node
    } else if (sameSecret(token, adminToken)) request.identity = PERSON
    else signIn(personSessions.find(token))
    return
  }
  const cookie = request.cookies[sessionCookie(request).name]
  if (cookie !== undefined) signIn(personSessions.find(cookie))
  if (request.identity === null && options.openToPeople) request.identity = PERSON

  function signIn(session: HeldSession | undefined): void {
    if (session === undefined) return
    request.identity = PERSON
    request.held = session
  }
}

const PERSON: Identity = { kind: 'person', person: ADMIN }

/** What a route that says this of itself is used for. */
function actionOf(access: RouteAccess, right: FolderRight, namesFolder: boolean): Action {
  if (access === 'person') return { kind: 'administer' }
  if (access === 'node' && !namesFolder) return { kind: 'serve' }
  return { kind: 'folder', right, ofItself: access === 'node' }
}

/** Lets a request pass, or throws why it may not. */
async function admit({ metadata }: Context, request: FastifyRequest): Promise<void> {
  const { identity, params } = request
  const { access = 'person', right = 'list' } = request.routeOptions.config
  const named = typeof params === 'object' && params !== null && 'folder' in params ? { folder: params.folder } : null
  const action = actionOf(access, right, named !== null)
  const membership = identity?.kind === 'node' ? await membershipOf(metadata, identity.node, named?.folder) : null
  const refusal = authorize(identity, action, membership)
  if (refusal !== null) throw refusal
  request.membership = membership
}

/** What a node is in the folder that a route names. Throws `not-signed-in` for one that was removed. */
async function membershipOf(
  metadata: Context['metadata'],
  node: NodeId,
  named: unknown,
): Promise<FolderMembership | null> {
  const folder = FolderIdSchema.safeParse(named)
  return metadata.read(async (tx) => {
    const row = await tx.node(node)
    if (row === undefined || row.revoked) throw new SyncError('not-signed-in', `${node} was removed`)
    return folder.success ? ((await tx.memberships({ folder: folder.data, node }))[0] ?? null) : null
  })
}

function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,300})$/.exec(request.headers.authorization ?? '')
  return match?.[1]
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
