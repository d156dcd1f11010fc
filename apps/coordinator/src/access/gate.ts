import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  ANYBODY_ID,
  FolderIdSchema,
  SyncError,
  type FolderId,
  type FolderRight,
  type NodeId,
  type RouteAccess,
} from '@causeway/protocol'
import type { Context } from '../ports/context.ts'
import type { HostCheck } from './host-check.ts'
import { wantsPage } from './navigation.ts'
import { addNodeTurns } from './node-turns.ts'
import {
  authorize,
  type Action,
  type AskedFolder,
  type FolderMembership,
  type Identity,
  type PersonIdentity,
} from './authorize.ts'
import { OWNER } from './find-credential.ts'
import type { Credentials, HeldCredential } from './held.ts'
import { ALL_RIGHTS } from './person-rights.ts'
import { saidTwice } from './said-twice.ts'
import { sameSecret } from './secrets.ts'
import { sessionCookie } from './session-cookie.ts'
import type { SignInPlace } from './sessions.ts'
import { boundStranger, boundStrangersBodies } from './strangers.ts'

/** A route as the gate knows it. A route that says nothing is for admins. */
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
    /** What is needed in the folder that the route names; without it, `list`. */
    right?: FolderRight
  }
  interface FastifyRequest {
    identity: Identity | null
    /** What the request came by; null for the admin token, for strangers, and where nobody needs to sign in. */
    held: HeldCredential | null
    /** What the node behind the request is in the folder that the route names. */
    membership: FolderMembership | null
  }
}

export interface GateOptions {
  readonly context: Context
  readonly hosts: HostCheck
  readonly credentials: Credentials
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
    const twice = saidTwice(request.raw.rawHeaders)
    if (twice !== null) throw new SyncError('bad-request', `the request has more than one ${twice} header`)
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
    await identify(request, options)
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
    const { access = 'admin', right = null } = config ?? {}
    for (const one of [method].flat()) gated.push({ method: one, url, access, right })
  })
}

/** The node behind a request of a node's route. */
export function nodeOf(request: FastifyRequest): NodeId {
  if (request.identity?.kind !== 'node') throw new SyncError('not-signed-in', 'this route is for nodes')
  return request.identity.node
}

/** The person behind a request of a person's route. */
export function personOf(request: FastifyRequest): PersonIdentity {
  if (request.identity?.kind !== 'person') throw new SyncError('not-signed-in', 'this route is for people')
  return request.identity
}

/**
 * For a route that names its folder elsewhere than in its path: throws unless
 * the person behind the request may use it in this way.
 */
export function admitTo(request: FastifyRequest, folder: FolderId, right: FolderRight): void {
  const refusal = authorize(request.identity, { kind: 'folder', right, ofItself: false }, { folder })
  if (refusal !== null) throw refusal
}

/** A browser says in its own way who it is, and where. */
export function placeOf(request: FastifyRequest): SignInPlace {
  return { userAgent: (request.headers['user-agent'] ?? '').slice(0, 256), address: request.ip }
}

async function identify(request: FastifyRequest, options: GateOptions): Promise<void> {
  const token = bearerOf(request)
  const { credentials, adminToken } = options
  if (token !== undefined) {
    if (sameSecret(token, adminToken)) request.identity = OWNER
    else await signIn(token)
    return
  }
  const cookie = request.cookies[sessionCookie(request).name]
  if (cookie !== undefined) await signIn(cookie)
  if (request.identity === null && options.openToPeople) request.identity = ANYBODY

  async function signIn(secret: string): Promise<void> {
    const found = await credentials.find(secret)
    if (found === null) return
    request.identity = found.identity
    request.held = found.held
  }
}

const ANYBODY: PersonIdentity = {
  kind: 'person',
  person: { id: ANYBODY_ID, name: 'Anybody on this machine' },
  rights: ALL_RIGHTS,
}

/** What a route that says this of itself is used for. */
function actionOf({ access, right, namesFolder, changes }: Asked): Action {
  if (access === 'admin') return { kind: 'administer', changes }
  if (access === 'person') return { kind: 'look' }
  if (access === 'node' && !namesFolder) return { kind: 'serve' }
  return { kind: 'folder', right, ofItself: access === 'node' }
}

interface Asked {
  readonly access: RouteAccess
  readonly right: FolderRight
  readonly namesFolder: boolean
  readonly changes: boolean
}

/** Lets a request pass, or throws why it may not. */
async function admit({ metadata }: Context, request: FastifyRequest): Promise<void> {
  const { identity, params } = request
  const { access = 'admin', right = 'list' } = request.routeOptions.config
  const named = typeof params === 'object' && params !== null && 'folder' in params ? { folder: params.folder } : null
  const action = actionOf({ access, right, namesFolder: named !== null, changes: !isSafe(request.method) })
  const membership = identity?.kind === 'node' ? await membershipOf(metadata, identity.node, named?.folder) : null
  const refusal = authorize(identity, action, identity?.kind === 'node' ? membership : askedFolder(named?.folder))
  if (refusal !== null) throw refusal
  request.membership = membership
}

function askedFolder(named: unknown): AskedFolder | null {
  const folder = FolderIdSchema.safeParse(named)
  return folder.success ? { folder: folder.data } : null
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
