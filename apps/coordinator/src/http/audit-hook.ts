import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit, Deed } from '../people/audit.ts'
import type { App } from './app.ts'
import { doerOf } from './doer.ts'

/** What a request asked for and was answered, as far as a line of the audit log needs it. */
interface Asked {
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  readonly answer: unknown
}

/**
 * What routes do that the audit log tells of. Those that are not here note it
 * in the write that does it (people, sessions, tokens), change nothing that
 * people need to answer for, or are told by the history of their folder: a
 * test goes through all routes, so that none is forgotten.
 */
export const AUDITED: Readonly<Record<string, (asked: Asked) => Deed>> = {
  'POST /api/v1/invites': ({ body, answer }) => ({
    action: 'node-invited',
    details: { ...fields(body, ['folder', 'folders', 'access']), ...fields(answer, ['expiresAt']) },
  }),
  'DELETE /api/v1/invites/:id': ({ params }) => ({ action: 'node-invite-revoked', object: params['id'] ?? '' }),
  'POST /api/v1/enrol': ({ body, answer }) => ({
    action: 'node-joined',
    // Nobody is signed in yet where somebody joins.
    actor: { kind: 'node', id: textOf(answer, 'node'), name: textOf(body, 'name') },
    object: textOf(answer, 'node'),
    details: fields(body, ['name', 'address', 'version']),
  }),
  'POST /api/register': ({ body }) => ({
    action: 'node-registered',
    object: textOf(body, 'node_id'),
    details: fields(body, ['name', 'address']),
  }),
  'PATCH /api/v1/nodes/:id': ({ params, body }) => ({
    action: 'dailyBytes' in fields(body, ['dailyBytes']) ? 'node-limited' : 'node-renamed',
    object: params['id'] ?? '',
    details: fields(body, ['name', 'dailyBytes']),
  }),
  'DELETE /api/nodes/:id': ({ params }) => ({ action: 'node-removed', object: params['id'] ?? '' }),
  'DELETE /api/v1/nodes/:id': ({ params }) => ({ action: 'node-removed', object: params['id'] ?? '' }),
  'POST /api/v1/nodes/:id/lost': ({ params, answer }) => ({
    action: 'device-lost',
    object: params['id'] ?? '',
    details: fields(answer, ['name', 'lastSeenAt']),
  }),
  'PUT /api/v1/folders/:folder/members/:node': ({ params, body }) => ({
    action: 'folder-given',
    object: params['folder'] ?? '',
    details: { node: params['node'], ...fields(body, ['access']) },
  }),
  'DELETE /api/v1/folders/:folder/members/:node': ({ params }) => ({
    action: 'folder-taken-away',
    object: params['folder'] ?? '',
    details: { node: params['node'] },
  }),
  'PATCH /api/v1/folders/:folder/members/:node': ({ params, body }) => ({
    action: 'access-changed',
    object: params['folder'] ?? '',
    details: { node: params['node'], ...fields(body, ['access', 'paused']) },
  }),
  'POST /api/v1/keys/next': ({ answer }) => ({ action: 'key-announced', details: fields(answer, ['next']) }),
  'DELETE /api/v1/keys/next': () => ({ action: 'key-dropped' }),
  'POST /api/v1/keys/finish': ({ body, answer }) => ({
    action: 'key-replaced',
    details: { ...fields(answer, ['current']), ...fields(body, ['leaveBehind']) },
  }),
  'POST /api/v1/folders': ({ answer }) => ({ action: 'folder-created', object: textOf(answer, 'id') }),
  'PATCH /api/v1/folders/:folder': ({ params, body }) => ({
    action: 'folder-changed',
    object: params['folder'] ?? '',
    details: fields(body, ['name', 'settings']),
  }),
  'DELETE /api/v1/folders/:folder': ({ params }) => ({ action: 'folder-removed', object: params['folder'] ?? '' }),
  'POST /api/v1/removed-folders/:id/restore': ({ params }) => ({
    action: 'folder-restored',
    object: params['id'] ?? '',
  }),
  'DELETE /api/v1/removed-folders/:id': ({ params }) => ({ action: 'folder-deleted', object: params['id'] ?? '' }),
  'POST /api/v1/folders/:folder/resume': ({ params }) => ({ action: 'halt-lifted', object: params['folder'] ?? '' }),
  'POST /api/v1/folders/:folder/halts/:node': ({ params, body }) => ({
    action: 'halt-lifted',
    object: params['folder'] ?? '',
    details: { node: params['node'], ...fields(body, ['choice']) },
  }),
  'POST /api/v1/folders/:folder/restore': ({ params, body }) => ({
    action: 'restored',
    object: params['folder'] ?? '',
    details: fields(body, ['path', 'entry', 'seq', 'at']),
  }),
  'POST /api/v1/folders/:folder/entries/bring-back': ({ params, body }) => ({
    action: 'restored',
    object: params['folder'] ?? '',
    details: fields(body, ['entries']),
  }),
  'POST /api/v1/folders/:folder/events/:position/undo': ({ params }) => ({
    action: 'undone',
    object: params['folder'] ?? '',
    details: { event: params['position'] },
  }),
  'POST /api/v1/folders/:folder/commits/:seq/undo': ({ params }) => ({
    action: 'undone',
    object: params['folder'] ?? '',
    details: { commit: params['seq'] },
  }),
  'POST /api/v1/folders/:folder/entries/delete': ({ params, body, answer }) => ({
    action: 'files-removed',
    object: params['folder'] ?? '',
    details: { ...fields(body, ['paths']), ...fields(answer, ['removed']) },
  }),
  'POST /api/v1/folders/:folder/entries/everything/delete': ({ params, body, answer }) => ({
    action: 'files-removed',
    object: params['folder'] ?? '',
    details: { ...fields(body, ['path', 'except']), ...fields(answer, ['removed']) },
  }),
  'POST /api/v1/folders/:folder/conflicts/:copy/settle': ({ params, body }) => ({
    action: 'conflict-resolved',
    object: params['folder'] ?? '',
    details: { copy: params['copy'], ...fields(body, ['choice']) },
  }),
}

/** Notes what was done before the answer says that it was. */
export function addAuditHook(app: App, audit: Audit): void {
  app.addHook('preSerialization', async (request: FastifyRequest, reply: FastifyReply, answer: unknown) => {
    const { method, url = '' } = request.routeOptions
    const deed = reply.statusCode < 300 ? AUDITED[`${String(method)} ${url}`] : undefined
    if (deed !== undefined)
      await audit.note(doerOf(request), deed({ params: paramsOf(request), body: request.body, answer }))
    return answer
  })
}

function paramsOf({ params }: FastifyRequest): Record<string, string> {
  return typeof params === 'object' && params !== null
    ? Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
    : {}
}

function fields(from: unknown, names: readonly string[]): Record<string, string> {
  if (typeof from !== 'object' || from === null) return {}
  const kept = Object.entries(from).filter(
    ([name, value]) => names.includes(name) && value !== undefined && value !== null,
  )
  return Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

function textOf(from: unknown, name: string): string {
  return fields(from, [name])[name] ?? ''
}
