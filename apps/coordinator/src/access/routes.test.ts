import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { Access, FolderRole } from '@causeway/protocol'
import { routesOf } from '../test-support/routes.ts'
import { ADMIN_TOKEN, run, type Running, type TestNode, type TestPerson } from '../test-support/running.ts'
import type { FolderRight } from './rights.ts'

/** Open to anybody, and the dashboard's own files. */
const PUBLIC = new Set([
  ...['/', '/clocks', '/delta', '/health', '/join', '/monitor', '/settings', '/topology'].map((path) => `GET ${path}`),
  ...[
    '/people',
    '/account',
    '/audit',
    '/welcome',
    '/api/v1/sign-in',
    '/api/v1/sign-in/openid',
    '/api/v1/sign-in/openid/callback',
  ].map((path) => `GET ${path}`),
  ...['/api/v1/enrol', '/api/v1/session', '/link/v1/challenge', '/link/v1/session'].map((path) => `POST ${path}`),
  ...['/api/v1/person-invites/look', '/api/v1/person-invites/accept'].map((path) => `POST ${path}`),
])
const IS_PAGE_FILE = /^GET \/(assets\/.*|[\w-]+\.(svg|html|ico|png|webmanifest))$/

/** Where nobody listens. */
const NO_PROVIDER = {
  issuer: 'http://127.0.0.1:9',
  clientId: 'x',
  clientSecret: 'x',
  name: 'x',
  forEverybody: [],
}

/** What is for nodes alone, and what it needs in the folder. */
const NODE_ROUTES: Readonly<Record<string, FolderRight>> = {
  'POST /link/v1/folders/:folder/commit': 'send',
  'POST /link/v1/folders/:folder/changes': 'list',
  'POST /link/v1/folders/:folder/digest': 'list',
  'POST /link/v1/folders/:folder/digest/entries': 'list',
  'POST /link/v1/folders/:folder/entries': 'list',
  'POST /link/v1/folders/:folder/chunks/missing': 'repair',
  'POST /link/v1/folders/:folder/chunks/upload': 'repair',
  'POST /link/v1/folders/:folder/chunks/fetch': 'read',
  'POST /link/v1/folders/:folder/manifest': 'list',
  'POST /link/v1/folders/:folder/chunks/deltas': 'send',
  'POST /link/v1/folders/:folder/chunks/signatures': 'send',
  'POST /link/v1/folders/:folder/patch': 'read',
}

/** What is for every node, whatever it carries. */
const ANY_NODE_ROUTES = new Set(['GET /link/v1/socket', 'POST /link/v1/accept', 'POST /link/v1/decline'])

/** What every person may ask, and is answered with what they may see. */
const PERSON_ROUTES = new Set([
  'GET /api/v1/session',
  'DELETE /api/v1/session',
  'GET /ws',
  'GET /api/v1/folders',
  'GET /api/v1/nodes',
  'GET /api/v1/nodes/:id',
  'GET /api/nodes',
  'GET /api/nodes/:id',
  'GET /api/v1/events',
  'GET /api/v1/events/order',
  'GET /api/v1/throughput',
  'GET /api/files',
  'GET /api/files/download',
  'GET /api/files/:id/download',
  'POST /api/files/upload',
  'POST /api/v1/account/password',
  'GET /api/v1/account/sessions',
  'DELETE /api/v1/account/sessions',
  'DELETE /api/v1/account/sessions/:id',
  'GET /api/v1/account/tokens',
  'POST /api/v1/account/tokens',
  'DELETE /api/v1/account/tokens/:id',
  'DELETE /api/v1/account/token',
])

/** Of those, what needs more: what it takes to be let in is in the tests of each. */
const PERSON_ROUTES_OF_SOME = new Set([
  'POST /api/files/upload',
  'GET /api/v1/throughput',
  ...['GET', 'POST'].map((method) => `${method} /api/v1/account/tokens`),
  'GET /api/v1/account/sessions',
  'DELETE /api/v1/account/sessions',
  'DELETE /api/v1/account/sessions/:id',
  'DELETE /api/v1/account/tokens/:id',
  'POST /api/v1/account/password',
])

/** What would end the very session that a caller of this test holds. */
const ENDS_SESSIONS = new Set(['DELETE /api/v1/session'])

/** What is for people with a role in the folder and for nodes that carry it. Every other route is for admins alone. */
const MEMBER_ROUTES: Readonly<Record<string, FolderRight>> = {
  'GET /api/v1/folders/:folder': 'list',
  'GET /api/v1/folders/:folder/members': 'list',
  'GET /api/v1/folders/:folder/authors': 'list',
  'GET /api/v1/folders/:folder/entries': 'list',
  'GET /api/v1/folders/:folder/conflicts': 'list',
  'GET /api/v1/folders/:folder/history': 'list',
  'GET /api/v1/folders/:folder/compare': 'list',
  'GET /api/v1/folders/:folder/as-of': 'list',
  'GET /api/v1/folders/:folder/savings': 'list',
  'GET /api/v1/folders/:folder/transfers': 'list',
  'GET /api/v1/folders/:folder/archive': 'read',
  'GET /api/v1/folders/:folder/versions/:seq/content': 'read',
  'GET /api/v1/folders/:folder/versions/:seq/chunks': 'read',
  'POST /api/v1/folders/:folder/conflicts/:copy/settle': 'change',
  'POST /api/v1/folders/:folder/conflicts/:copy/reopen': 'change',
  'POST /api/v1/folders/:folder/entries/make-directory': 'change',
  'POST /api/v1/folders/:folder/entries/move': 'change',
  'POST /api/v1/folders/:folder/entries/bring-back': 'change',
  'POST /api/v1/folders/:folder/entries/delete': 'change',
  'POST /api/v1/folders/:folder/entries/everything/count': 'list',
  'POST /api/v1/folders/:folder/entries/everything/delete': 'change',
  'POST /api/v1/folders/:folder/entries/everything/move': 'change',
  'POST /api/v1/folders/:folder/restore': 'change',
  'POST /api/v1/folders/:folder/events/:position/undo': 'change',
  'GET /api/v1/folders/:folder/commits/:seq/undo': 'list',
  'POST /api/v1/folders/:folder/commits/:seq/undo': 'change',
  'POST /api/v1/folders/:folder/uploads/missing': 'change',
  'POST /api/v1/folders/:folder/uploads/chunks': 'change',
  'POST /api/v1/folders/:folder/uploads': 'change',
}

const RIGHTS: Readonly<Record<Access, readonly FolderRight[]>> = {
  'read-write': ['list', 'read', 'send', 'repair', 'change'],
  'send-only': ['list', 'send', 'repair'],
  'receive-only': ['list', 'read', 'repair'],
}

type Caller =
  | { readonly name: string; readonly kind: 'nobody'; readonly token?: string }
  | { readonly name: string; readonly kind: 'admin'; readonly token: string }
  | { readonly name: string; readonly kind: 'person'; readonly token: string; readonly role: FolderRole | null }
  | { readonly name: string; readonly kind: 'node'; readonly token: string; readonly access: Access | null }

test('every route asks of every kind of caller what it must', async () => {
  await using running = await run({ openId: NO_PROVIDER })
  const callers = await allCallers(running)
  const routes = routesOf(running.app)
  expect(routes).toEqual(
    expect.arrayContaining([
      ...PUBLIC,
      ...ANY_NODE_ROUTES,
      ...Object.keys(NODE_ROUTES),
      ...Object.keys(MEMBER_ROUTES),
      ...PERSON_ROUTES,
    ]),
  )
  const answered: unknown[] = []
  const expected: unknown[] = []
  for (const route of routes) {
    for (const caller of callers) {
      const isPerson = caller.kind === 'person' || caller.kind === 'admin'
      if (isPerson && (ENDS_SESSIONS.has(route) || PERSON_ROUTES_OF_SOME.has(route))) continue
      answered.push([route, caller.name, await outcomeOf(running, route, caller)])
      expected.push([route, caller.name, expectedOf(route, caller)])
    }
  }
  expect(answered.filter((answer, index) => !isDeepStrictEqual(answer, expected[index]))).toEqual([])
}, 120_000)

async function allCallers(running: Running): Promise<Caller[]> {
  const asNode = (name: string, { token }: TestNode, access: Access | null): Caller => {
    return { name, kind: 'node', token, access }
  }
  const asPerson = (name: string, { token }: TestPerson, role: FolderRole | null): Caller => {
    return { name, kind: 'person', token, role }
  }
  const removed = await running.enrol('removed')
  await running.rest('DELETE', `/api/v1/nodes/${removed.id}`)
  await running.rest('POST', '/api/v1/folders', { name: 'Elsewhere' })
  return [
    { name: 'nobody', kind: 'nobody' },
    { name: 'a person whose session has ended', kind: 'nobody', token: 'a-session-that-has-ended' },
    { name: 'a node that was removed', kind: 'nobody', token: removed.token },
    asNode('a node of another folder', await running.enrol('stranger', { folder: 'elsewhere' }), null),
    asNode('a node that sends', await running.enrol('sender', { access: 'send-only' }), 'send-only'),
    asNode('a node that receives', await running.enrol('receiver', { access: 'receive-only' }), 'receive-only'),
    asNode('a node that does both', await running.enrol('both'), 'read-write'),
    asPerson('a person of another folder', await running.person('Pat', { roles: { elsewhere: 'editor' } }), null),
    asPerson('a viewer', await running.person('Vic', { roles: { default: 'viewer' } }), 'viewer'),
    asPerson('an editor', await running.person('Ed', { roles: { default: 'editor', elsewhere: 'viewer' } }), 'editor'),
    { name: 'an admin with an account', kind: 'admin', token: (await running.person('Ann', { isAdmin: true })).token },
    { name: 'the owner of the admin token', kind: 'admin', token: ADMIN_TOKEN },
  ]
}

function expectedOf(route: string, caller: Caller): 'let in' | 'not there' | 401 | 403 {
  if (PUBLIC.has(route) || IS_PAGE_FILE.test(route)) return 'let in'
  if (caller.kind === 'nobody') return 401
  const isForNodes = route in NODE_ROUTES || ANY_NODE_ROUTES.has(route)
  if (caller.kind === 'admin') return isForNodes ? 403 : 'let in'
  if (caller.kind === 'person') {
    if (PERSON_ROUTES.has(route)) return 'let in'
    const right = MEMBER_ROUTES[route]
    if (right === undefined) return 403
    if (caller.role === null) return 'not there'
    return caller.role === 'editor' || right === 'list' || right === 'read' ? 'let in' : 403
  }
  if (ANY_NODE_ROUTES.has(route)) return 'let in'
  const right = NODE_ROUTES[route] ?? MEMBER_ROUTES[route]
  if (right === undefined || caller.access === null) return 403
  return RIGHTS[caller.access].includes(right) ? 'let in' : 403
}

/** Whoever is let in may still be told that the request makes no sense, as all of these do. */
async function outcomeOf(running: Running, route: string, caller: Caller): Promise<'let in' | 'not there' | number> {
  const [method = '', path = ''] = route.split(' ')
  // What would end the others' rights, or the sign-in of this test, is asked about something that is not there.
  const removes = route === 'DELETE /api/v1/folders/:folder'
  const filled = path.replace(':folder', removes ? 'no-such-folder' : 'default').replaceAll(/:\w+|\*/g, '0')
  const response = await fetch(running.url + filled, {
    method,
    redirect: 'manual',
    ...(caller.token !== undefined && { headers: { authorization: `Bearer ${caller.token}` } }),
  })
  // The folder is there: only somebody who may not know of it is told otherwise.
  if (response.status === 404) return (await response.text()).includes('no folder default') ? 'not there' : 'let in'
  await response.body?.cancel()
  return response.status === 401 || response.status === 403 ? response.status : 'let in'
}
