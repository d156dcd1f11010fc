import { expect, test } from 'vitest'
import {
  allRoutes,
  ERROR_CODES,
  isJson,
  FolderIdSchema,
  namesFolder,
  PersonIdSchema,
  type Access,
  type FolderRight,
  type FolderRole,
  type Route,
  type RouteAccess,
} from '@causeway/protocol'
import WebSocket from 'ws'
import { routesOf } from '../test-support/routes.ts'
import { ADMIN_TOKEN, DEFAULT_FOLDER, json, run, type Running, type TestNode } from '../test-support/running.ts'
import { authorize, type Action, type FolderMembership, type Identity } from './authorize.ts'
import { OWNER } from './find-credential.ts'
import { ALL_RIGHTS, rightsOf } from './person-rights.ts'

/** What is registered without being in the table: the dashboard's own files, and those of the documentation. */
const PAGES = [
  '/',
  '/account',
  '/audit',
  '/clocks',
  '/delta',
  '/join',
  '/monitor',
  '/people',
  '/settings',
  '/topology',
  '/welcome',
  '/sign-in',
].map((path) => `GET ${path}`)
const IS_PAGE_FILE = /^GET \/(assets\/.*|[\w-]+\.(svg|html|ico|png|webmanifest))$/
const IS_DOCUMENTATION = /^GET \/docs(\/(json|yaml|static\/(\*|[\w.-]+))?)?$/

/** Where nobody listens. */
const NO_PROVIDER = { issuer: 'http://127.0.0.1:9', clientId: 'x', clientSecret: 'x', name: 'x', forEverybody: [] }

/** What looks at the caller's own session or account, or ends it: who may do what there is in the tests of each. */
const OF_ONESELF = /^(GET|POST|DELETE) \/api\/v1\/(account\/.*|session)$/
/** What is refused to some people for more than the table says. */
const OF_SOME = new Set(['POST /api/files/upload', 'GET /api/v1/throughput', 'POST /api/v1/session/link'])

test('every route that is registered is in the table, and open to whom the table says', async () => {
  await using running = await run({ openId: NO_PROVIDER })
  const registered = registeredIn(running)
  const fromTable = allRoutes().map(said)
  expect(registered.map(said)).toEqual(expect.arrayContaining(fromTable))
  const others = registered.filter((route) => !fromTable.includes(said(route)))
  expect(others.filter((route) => !isException(route))).toEqual([])
  // The gate saw every one: none was registered before it.
  const seen = new Set(registered.map(nameOf))
  const missed = routesOf(running.app).filter((name) => !seen.has(name) && !name.startsWith('GET /docs/'))
  expect(missed).toEqual([])
})

test('asking for the head of an answer is open to whom the answer is open', async () => {
  await using running = await run({ openId: NO_PROVIDER })
  const { gated } = running.app
  const heads = gated.filter(({ method, url }) => method === 'HEAD' && !url.startsWith('/docs'))
  expect(heads.length).toBeGreaterThan(0)
  for (const head of heads) expect(gated).toContainEqual({ ...head, method: 'GET' })
})

test('every route lets in whom authorize lets in, and refuses everybody else in its words', async () => {
  await using running = await run({ openId: NO_PROVIDER })
  const callers = await allCallers(running)
  const answered: unknown[] = []
  const expected: unknown[] = []
  for (const route of [...allRoutes(), ...registeredIn(running).filter(isException)]) {
    for (const caller of callers) {
      const asked = `${route.method} ${route.path} by ${caller.name}`
      const name = nameOf(route)
      if (caller.identity?.kind === 'person' && (OF_ONESELF.test(name) || OF_SOME.has(name))) continue
      answered.push([asked, refusedWith(await answerTo(running, route, caller))])
      expected.push([asked, refusalOf(route, caller)])
    }
  }
  expect(answered).toEqual(expected)
}, 120_000)

/** What is known of a route, be it in the table or not. */
interface Asked {
  readonly method: string
  readonly path: string
  readonly access: RouteAccess
  readonly right?: FolderRight | undefined
  readonly response?: Route['response']
}

interface Caller {
  readonly name: string
  readonly token?: string
  readonly identity: Identity | null
  /** In the folder that is asked about. */
  readonly membership: FolderMembership | null
}

interface Refusal {
  readonly status: number
  readonly code: string
}

interface Answer extends Refusal {
  readonly message: string
}

async function allCallers(running: Running): Promise<Caller[]> {
  const nobody = { identity: null, membership: null }
  const asPerson = async (name: string, role: FolderRole | null, folder: string): Promise<Caller> => {
    const { token } = await running.person(name, { roles: role === null ? {} : { [folder]: role } })
    const granted = role === null ? [] : [{ folder: FolderIdSchema.parse(folder), role }]
    return { name, token, identity: personWith(rightsOf(false, granted)), membership: null }
  }
  const asNode = (name: string, { id, token }: TestNode, access: Access | null, paused = false): Caller => {
    const membership = access === null ? null : { folder: DEFAULT_FOLDER, access, paused }
    return { name, token, identity: { kind: 'node', node: id }, membership }
  }
  const removed = await running.enrol('removed')
  await running.rest('DELETE', `/api/v1/nodes/${removed.id}`)
  const paused = await running.enrol('paused')
  await running.rest('PATCH', `/api/v1/folders/default/members/${paused.id}`, { paused: true })
  await running.rest('POST', '/api/v1/folders', { name: 'Elsewhere' })
  return [
    { name: 'nobody', ...nobody },
    { name: 'a person whose session has ended', token: 'a-session-that-has-ended', ...nobody },
    { name: 'a node that was removed', token: removed.token, ...nobody },
    asNode('a node of another folder', await running.enrol('stranger', { folder: 'elsewhere' }), null),
    asNode('a node that sends', await running.enrol('sender', { access: 'send-only' }), 'send-only'),
    asNode('a node that receives', await running.enrol('receiver', { access: 'receive-only' }), 'receive-only'),
    asNode('a node that does both', await running.enrol('both'), 'read-write'),
    asNode('a node that is paused', paused, 'read-write', true),
    await asPerson('editor elsewhere', 'editor', 'elsewhere'),
    await asPerson('viewer', 'viewer', DEFAULT_FOLDER),
    await asPerson('editor', 'editor', DEFAULT_FOLDER),
    {
      name: 'an admin with an account',
      token: (await running.person('Ann', { isAdmin: true })).token,
      identity: personWith(ALL_RIGHTS),
      membership: null,
    },
    { name: 'the owner of the admin token', token: ADMIN_TOKEN, identity: OWNER, membership: null },
  ]
}

function personWith(rights: typeof ALL_RIGHTS): Identity {
  return { kind: 'person', person: { id: PersonIdSchema.parse('somebody'), name: 'Somebody' }, rights }
}

/** With what the caller must be refused; null where it must be let in. */
function refusalOf(route: Asked, { identity, membership }: Caller): Refusal | null {
  if (route.access === 'public') return null
  const asked = identity?.kind === 'node' ? membership : { folder: DEFAULT_FOLDER }
  const refusal = authorize(identity, actionOf(route), namesFolder(route) ? asked : null)
  return refusal === null ? null : { status: ERROR_CODES[refusal.code][0], code: refusal.code }
}

/** What a route is used for, said apart from the gate, which must come to the same. */
function actionOf(route: Asked): Action {
  if (route.access === 'public' || route.access === 'admin') {
    return { kind: 'administer', changes: route.method !== 'GET' }
  }
  if (route.access === 'person') return { kind: 'look' }
  if (!namesFolder(route)) return { kind: 'serve' }
  return { kind: 'folder', right: route.right ?? 'list', ofItself: route.access === 'node' }
}

/** Whoever is let in may still hear that the request makes no sense, as all of these do. */
function refusedWith(answer: Answer | null): Refusal | null {
  if (answer === null) return null
  const { status, code, message } = answer
  const isRefusal = ['not-signed-in', 'not-allowed', 'paused'].includes(code) || status === 401 || status === 403
  // The folder is there: only somebody who may not know of it hears otherwise.
  return isRefusal || message === `there is no folder ${DEFAULT_FOLDER}` ? { status, code } : null
}

async function answerTo({ url }: Running, route: Asked, { token }: Caller): Promise<Answer | null> {
  // What only admins may do is asked about a folder that is not there: one of these would remove it.
  const folder = route.access === 'admin' ? 'no-such-folder' : DEFAULT_FOLDER
  const address = url + route.path.replace(':folder', folder).replaceAll(/:\w+|\*/g, '0')
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  if (isSocket(route)) return upgraded(address, headers)
  const response = await fetch(address, { method: route.method, redirect: 'manual', headers })
  if (response.status < 400) {
    await response.body?.cancel()
    return null
  }
  const { error } = await json(response)
  return { status: response.status, code: String(error?.code), message: String(error?.message) }
}

function isSocket({ response }: Asked): boolean {
  return response !== undefined && !isJson(response) && response.kind === 'socket'
}

/** Null if the socket opens. */
function upgraded(address: string, headers: Record<string, string>): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address.replace(/^http/, 'ws'), { headers })
    socket.on('error', reject)
    socket.on('open', () => {
      socket.close()
      resolve(null)
    })
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (piece: Buffer) => (body += piece.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, ...JSON.parse(body).error }))
    })
  })
}

/** What the gate says of each route. */
function registeredIn({ app }: Running): Asked[] {
  const registered = app.gated.filter(({ method }) => method !== 'HEAD')
  return registered.map(({ method, url: path, access, right }) => ({ method, path, access, right: right ?? undefined }))
}

function said(route: Asked): string {
  return `${nameOf(route)} for ${route.access}${route.right === undefined ? '' : ` to ${route.right}`}`
}

function nameOf({ method, path }: Asked): string {
  return `${method} ${path}`
}

function isException(route: Asked): boolean {
  const name = nameOf(route)
  if (PAGES.includes(name) || IS_PAGE_FILE.test(name)) return route.access === 'public'
  return IS_DOCUMENTATION.test(name) && route.access === 'admin'
}
