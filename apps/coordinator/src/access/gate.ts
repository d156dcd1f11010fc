import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FolderIdSchema, SyncError, type Access, type NodeId } from '@causeway/protocol'
import type { Context } from '../context.ts'
import type { HostCheck } from './host-check.ts'
import { wantsPage } from './navigation.ts'
import { addNodeTurns } from './node-turns.ts'
import { mayUse, type FolderRight } from './rights.ts'
import { sameSecret } from './secrets.ts'
import type { HeldSession, Sessions } from './sessions.ts'
import { boundStranger, boundStrangersBodies } from './strangers.ts'

/**
 * Who may use a route. A route that says nothing is for people.
 *
 * - `public`: anybody. - `person`: a signed-in person.
 * - `node`: a signed-in node; in a folder's route, one that carries the folder.
 * - `member`: a person, or such a node.
 */
export type RouteAccess = 'public' | 'person' | 'node' | 'member'

export type Identity = { readonly kind: 'person' } | { readonly kind: 'node'; readonly node: NodeId }

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
    /** What a node needs in the folder that the route names; without it, `list`. */
    right?: FolderRight
  }
  interface FastifyRequest {
    identity: Identity | null
    /** The session that the request came by; null where it came by the admin token, or by none. */
    held: HeldSession | null
    /** What the node behind the request may do in the folder that the route names. */
    folderAccess: Access | null
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

export const SESSION_COOKIE = 'causeway-session'

/** Puts every route behind a check of host, origin and identity, those included that plug-ins add. */
export function addGate(app: FastifyInstance, options: GateOptions): void {
  const { context, hosts } = options
  boundStrangersBodies(app)
  app.decorateRequest('identity', null)
  app.decorateRequest('held', null)
  app.decorateRequest('folderAccess', null)
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
    const { access = 'person', right = 'list' } = request.routeOptions.config
    // The page that answers a mistyped address is the one that anybody may have at the right ones.
    if (access === 'public' || (request.is404 && wantsPage(request))) {
      boundStranger(request, options.strangersMs)
      return
    }
    identify(request, options)
    await admit(context, { access, right }, request)
    if (request.identity?.kind === 'node') context.traffic.attach(request.raw.socket, request.identity.node)
  })
  // Behind the hook that says who asks.
  addNodeTurns(app)
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
  const cookie = request.cookies[SESSION_COOKIE]
  if (cookie !== undefined) signIn(personSessions.find(cookie))
  if (request.identity === null && options.openToPeople) request.identity = PERSON

  function signIn(session: HeldSession | undefined): void {
    if (session === undefined) return
    request.identity = PERSON
    request.held = session
  }
}

const PERSON: Identity = { kind: 'person' }

interface Needs {
  readonly access: RouteAccess
  readonly right: FolderRight
}

async function admit(context: Context, { access, right }: Needs, request: FastifyRequest): Promise<void> {
  const { identity } = request
  if (identity === null) throw new SyncError('not-signed-in', 'this needs a sign-in: none was given, or it has ended')
  if (identity.kind === 'person') {
    if (access === 'node') throw new SyncError('not-allowed', 'this route is for nodes')
    return
  }
  const { node } = identity
  if (access === 'person') throw new SyncError('not-allowed', `${node} is a node: this is for people`)
  const row = await context.metadata.read((tx) => tx.node(node))
  if (row === undefined || row.revoked) throw new SyncError('not-signed-in', `${node} was removed`)
  request.folderAccess = await admitToFolder(context, node, request.params, { access, right })
}

async function admitToFolder(
  context: Context,
  node: NodeId,
  params: unknown,
  { access, right }: Needs,
): Promise<Access | null> {
  if (typeof params !== 'object' || params === null || !('folder' in params)) return null
  const folder = FolderIdSchema.safeParse(params.folder)
  const known = folder.success ? await context.metadata.read((tx) => tx.memberships({ folder: folder.data, node })) : []
  // One answer for a folder that is not there and one that is not theirs: neither is told apart.
  const [member] = known
  if (member === undefined) throw new SyncError('not-allowed', `${node} does not carry this folder`)
  if (!mayUse(member.access, right)) {
    throw new SyncError('not-allowed', `${node} is ${member.access} in ${member.folder}: it may not ${IN_WORDS[right]}`)
  }
  // What a node does of itself waits; a person at it may still look.
  if (member.paused && (access === 'node' || right === 'change'))
    throw new SyncError('paused', `a person paused ${member.folder} on ${node}`)
  return member.access
}

const IN_WORDS: Readonly<Record<FolderRight, string>> = {
  list: 'look at it',
  read: 'read contents',
  send: 'send changes',
  repair: 'send chunks',
  change: 'change it from here',
}

function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,300})$/.exec(request.headers.authorization ?? '')
  return match?.[1]
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
