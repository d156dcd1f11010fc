import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FolderIdSchema, SyncError, type NodeId } from '@causeway/protocol'
import type { Context } from '../context.ts'
import type { HostCheck } from './host-check.ts'
import { sameSecret } from './secrets.ts'
import type { Sessions } from './sessions.ts'

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
  }
  interface FastifyRequest {
    identity: Identity | null
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
}

export const SESSION_COOKIE = 'causeway-session'

/** Puts every route behind a check of host, origin and identity, those included that plug-ins add. */
export function addGate(app: FastifyInstance, options: GateOptions): void {
  const { context, hosts } = options
  app.decorateRequest('identity', null)
  app.addHook('onRequest', async (request) => {
    const { host, origin } = request.headers
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
    const access = request.routeOptions.config.access ?? 'person'
    if (access === 'public') return
    request.identity = identify(request, options)
    await admit(context, access, request)
    if (request.identity?.kind === 'node') context.traffic.attach(request.raw.socket, request.identity.node)
  })
}

/** The node behind a request of a node's route. */
export function nodeOf(request: FastifyRequest): NodeId {
  if (request.identity?.kind !== 'node') throw new SyncError('not-signed-in', 'this route is for nodes')
  return request.identity.node
}

function identify(request: FastifyRequest, options: GateOptions): Identity | null {
  const token = bearerOf(request)
  if (token !== undefined) {
    const node = options.nodeSessions.find(token)
    if (node !== undefined) return { kind: 'node', node }
    if (sameSecret(token, options.adminToken)) return { kind: 'person' }
    if (options.personSessions.find(token) !== undefined) return { kind: 'person' }
    return null
  }
  const cookie = request.cookies[SESSION_COOKIE]
  if (cookie !== undefined && options.personSessions.find(cookie) !== undefined) return { kind: 'person' }
  return options.openToPeople ? { kind: 'person' } : null
}

async function admit(context: Context, access: RouteAccess, request: FastifyRequest): Promise<void> {
  const { identity } = request
  if (identity === null) throw new SyncError('not-signed-in', 'this needs a sign-in: none was given, or it has ended')
  if (identity.kind === 'person') {
    if (access === 'node') throw new SyncError('not-allowed', 'this route is for nodes')
    return
  }
  if (access === 'person') throw new SyncError('not-allowed', `${identity.node} is a node: this is for people`)
  const row = await context.metadata.read((tx) => tx.node(identity.node))
  if (row === undefined || row.revoked) throw new SyncError('not-signed-in', `${identity.node} was removed`)
  await admitToFolder(context, identity.node, request.params, access)
}

async function admitToFolder(context: Context, node: NodeId, params: unknown, access: RouteAccess): Promise<void> {
  if (typeof params !== 'object' || params === null || !('folder' in params)) return
  const folder = FolderIdSchema.safeParse(params.folder)
  const known = folder.success
    ? await context.metadata.read((tx) => tx.memberships({ folder: folder.data, node: node }))
    : []
  // One answer for a folder that is not there and one that is not theirs: neither is told apart.
  const [member] = known
  if (member === undefined) throw new SyncError('not-allowed', `${node} does not carry this folder`)
  // What a node does of itself waits; a person at it may still look.
  if (member.paused && access === 'node')
    throw new SyncError('paused', `a person has paused ${member.folder} on ${node}`)
}

function bearerOf(request: FastifyRequest): string | undefined {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,300})$/.exec(request.headers.authorization ?? '')
  return match?.[1]
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
