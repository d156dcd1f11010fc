import { expect, test } from 'vitest'
import {
  allRoutes,
  ERROR_CODES,
  isJson,
  namesFolder,
  ROUTES,
  type Access,
  type FolderRight,
  type Route,
  type RouteAccess,
} from '@causeway/protocol'
import WebSocket from 'ws'
import { routesOf } from '../test-support/routes.ts'
import { ADMIN_TOKEN, DEFAULT_FOLDER, json, run, type Running, type TestNode } from '../test-support/running.ts'
import { ADMIN, authorize, type Action, type FolderMembership, type Identity } from './authorize.ts'

/** What is registered without being in the table: the dashboard's own files, and those of the documentation. */
const PAGES = ['/', '/clocks', '/delta', '/join', '/monitor', '/settings', '/topology'].map((path) => `GET ${path}`)
const IS_PAGE_FILE = /^GET \/(assets\/.*|[\w-]+\.(svg|html|ico|png|webmanifest))$/
const IS_DOCUMENTATION = /^GET \/docs(\/(json|yaml|static\/(\*|[\w.-]+))?)?$/

test('every route that is registered is in the table, and open to whom the table says', async () => {
  await using running = await run()
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
  await using running = await run()
  const { gated } = running.app
  const heads = gated.filter(({ method, url }) => method === 'HEAD' && !url.startsWith('/docs'))
  expect(heads.length).toBeGreaterThan(0)
  for (const head of heads) expect(gated).toContainEqual({ ...head, method: 'GET' })
})

test('every route lets in whom authorize lets in, and refuses everybody else in its words', async () => {
  await using running = await run()
  const callers = await allCallers(running)
  const answered: unknown[] = []
  const expected: unknown[] = []
  for (const route of [...allRoutes(), ...registeredIn(running).filter(isException)]) {
    for (const caller of callers) {
      const asked = `${route.method} ${route.path} by ${caller.name}`
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

async function allCallers(running: Running): Promise<Caller[]> {
  const nobody = { identity: null, membership: null }
  const person = { identity: { kind: 'person', person: ADMIN }, membership: null } as const
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
    { name: 'a person with a session', token: await signedIn(running), ...person },
    { name: 'the admin', token: ADMIN_TOKEN, ...person },
  ]
}

async function signedIn({ url }: Running): Promise<string> {
  const { method, path } = ROUTES.signIn.signIn
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  return /=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? ''
}

/** With what the caller must be refused; null where it must be let in. */
function refusalOf(route: Asked, { identity, membership }: Caller): Refusal | null {
  if (route.access === 'public') return null
  const refusal = authorize(identity, actionOf(route), namesFolder(route) ? membership : null)
  return refusal === null ? null : { status: ERROR_CODES[refusal.code][0], code: refusal.code }
}

/** What a route is used for, said apart from the gate, which must come to the same. */
function actionOf(route: Asked): Action {
  if (route.access === 'public' || route.access === 'person') return { kind: 'administer' }
  if (!namesFolder(route)) return { kind: 'serve' }
  return { kind: 'folder', right: route.right ?? 'list', ofItself: route.access === 'node' }
}

/** Whoever is let in may still hear that the request makes no sense, as all of these do. */
function refusedWith(answer: Refusal | null): Refusal | null {
  const isRefusal = answer !== null && ['not-signed-in', 'not-allowed', 'paused'].includes(answer.code)
  return isRefusal || answer?.status === 401 || answer?.status === 403 ? answer : null
}

async function answerTo({ url }: Running, route: Asked, { token }: Caller): Promise<Refusal | null> {
  // What only people may do is asked about a folder that is not there: one of these would remove it.
  const folder = route.access === 'person' ? 'no-such-folder' : DEFAULT_FOLDER
  const address = url + route.path.replace(':folder', folder).replaceAll(/:\w+|\*/g, '0')
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  if (isSocket(route)) return upgraded(address, headers)
  const response = await fetch(address, { method: route.method, redirect: 'manual', headers })
  if (response.status < 400) {
    await response.body?.cancel()
    return null
  }
  return { status: response.status, code: String((await json(response)).error?.code) }
}

function isSocket({ response }: Asked): boolean {
  return response !== undefined && !isJson(response) && response.kind === 'socket'
}

/** Null if the socket opens. */
function upgraded(address: string, headers: Record<string, string>): Promise<Refusal | null> {
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
      response.on('end', () => resolve({ status: response.statusCode ?? 0, code: JSON.parse(body).error.code }))
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
  return IS_DOCUMENTATION.test(name) && route.access === 'person'
}
