import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allRoutes, AuditResponseSchema, EventsResponseSchema, namesFolder, type Route } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { get, post } from './support/api.ts'
import { startCoordinator } from './support/coordinator.ts'
import { shared } from './support/hooks.ts'
import { rawRequest, sendRaw, type RawAnswer } from './support/raw-http.ts'
import { scratchDirectory } from './support/scratch.ts'

/**
 * Requests that no client of ours sends, for every route of the table, byte for byte: nobody gets by them what they may
 * not have, nothing fails inside, nothing hangs, and what is sent comes back in no header.
 */
const scene = shared(async (life) => {
  const dataDir = join(await scratchDirectory(life, 'hostile-requests'), 'coordinator')
  const coordinator = await startCoordinator(life, { dataDir, signIn: true, env: { LOG_LEVEL: 'error' } })
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const owner = { url: coordinator.url, token }
  const authorization = `Bearer ${token}`
  for (const name of ['vault', 'mine', 'spare']) await post(owner, '/api/v1/folders', { name }, { authorization })
  await post(owner, '/api/register', REGISTRATION, { authorization })
  const form = new FormData()
  for (const [name, value] of [
    ['owner_node', 'node-1'],
    ['folder', 'vault'],
    ['path', KEPT],
  ] as const)
    form.set(name, value)
  form.set('file', new Blob([KEPT]), KEPT)
  const uploaded = await fetch(`${owner.url}/api/files/upload`, {
    method: 'POST',
    body: form,
    headers: { authorization },
  })
  if (!uploaded.ok) throw new Error(`the upload was answered with ${uploaded.status}`)
  const listed = await fetch(`${owner.url}/api/v1/folders/vault/entries`, { headers: { authorization } })
  if (!(await listed.text()).includes(KEPT)) throw new Error('the owner does not see what is kept from others')
  const eve = await viewerOf('mine', owner)
  return { coordinator, owner, eve, own: `Host: 127.0.0.1:${coordinator.port}` }
})

/** In a folder that Eve may not see. */
const KEPT = 'kept-from-eve.txt'
const REGISTRATION = {
  node_id: 'node-1',
  name: 'x',
  address: '127.0.0.1',
  port: 8001,
  watch_directories: ['/x'],
  capabilities: [],
}
const FORGED = '198.51.100.66'
const AT_ONCE = 12

const routes = allRoutes()

/** What is in the place of a folder's name; those that mean this folder once they are decoded are among them. */
function namesFor(folder: string): string[] {
  const hidden = ['..%2F', '/../', '..%5c', '..%252F', '%2e%2e%2f'].map((up) => `mine%2F${up}${folder}`)
  const spelt = ['%00', '%20', '.', ';x=1', '%0d%0aX-Injected:%20yes', '%ff', '/.'].map((end) => folder + end)
  const letter = folder.charCodeAt(0).toString(16)
  return [
    ...hidden,
    ...spelt,
    `%${letter}${folder.slice(1)}`,
    folder.toUpperCase(),
    `mine%00${folder}`,
    `mine,${folder}`,
    '..',
    '%2e%2e',
    '.',
    '%ff%fe',
    '%c0%af',
    '%',
    '%zz',
    '__proto__',
    'constructor',
    'x'.repeat(301),
  ]
}

/** What becomes of a whole path. */
const PATHS: readonly ((path: string) => string)[] = [
  (path) => path.replace(/\/(?=[^/]*$)/, '%2F'),
  (path) => path.replaceAll('/', '%2f'),
  (path) => path.replace(/(?<=.)\//g, '%252F'),
  (path) => `/assets/..${path}`,
  (path) => `/healthz/..${path}`,
  (path) => `/%2e%2e${path}`,
  (path) => `/.${path}`,
  (path) => `${path}/..`,
  (path) => `${path}/.`,
  (path) => `${path}%00`,
  (path) => `${path}%00.html`,
  (path) => `/${path.slice(1).replaceAll('/', '\\')}`,
  (path) => path.replaceAll('/', '//'),
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `${path};a=b`,
  (path) => path.toUpperCase(),
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => `${path}%ff`,
  (path) => `${path}%c0%ae`,
  (path) => `${path}%`,
  (path) => `${path}\xff\xfe`,
  (path) => `${path}/${'a'.repeat(4000)}`,
  (path) => `${path}/${'a/'.repeat(7000)}`,
  (path) => `${path}%0d%0aX-Injected:%20yes`,
  (path) => `${path}?%00=%ff&folder=vault&folder=mine&__proto__[x]=1&a=%0d%0aX-Injected:%20yes`,
  (path) => `${path}?path=..%2f..%2fvault&limit=-1&after=1e999&before=%ff`,
  (path) => `${path}#${path}`,
  (path) => `${path}??&&==`,
]

test('whatever is in the place of a path, nobody gets what needs a sign-in, and nothing fails inside', async () => {
  const { own } = scene()
  const found = await each(routes, targetsOf('vault'), (route, target) => {
    return { request: rawRequest(route.method, target, [own, 'Connection: close']), mayPass: route.access === 'public' }
  })
  expect(found).toEqual([])
}, 300_000)

test('whoever may see one folder gets nothing of another, however its name is spelt', async () => {
  const { own, eve, owner } = scene()
  const before = await lastEvent(owner)
  const theirs = routes.filter((route) => namesFolder(route) || route.method === 'GET')
  const found = await each(theirs, targetsOf('vault'), (route, target) => {
    const request = rawRequest(route.method, target, [own, `Cookie: ${eve.cookie}`, 'Connection: close'])
    return { request, mayPass: !namesFolder(route) }
  })
  expect(found).toEqual([])
  expect(await lastEvent(owner)).toBe(before)
}, 300_000)

test('whatever the owner sends by mistake is answered, and not by a failure', async () => {
  const { own, owner } = scene()
  const by = `Authorization: Bearer ${owner.token}`
  // Some of these are what they seem, and remove the folder: they come last.
  const inOrder = routes.toSorted((a, b) => Number(b.method === 'DELETE') - Number(a.method === 'DELETE'))
  const found = await each(inOrder, targetsOf('spare'), (route, target) => {
    const request = rawRequest(route.method, target, [own, by, 'Connection: close'])
    return { request, mayPass: true, isOwner: true }
  })
  expect(found).toEqual([])
}, 300_000)

interface Headers {
  /** Given the `Host` line that belongs there, and somebody's session. */
  readonly lines: (own: string, session: string) => readonly string[]
  /** Where there is only one right answer. */
  readonly status?: number
  /** They say how long the body is, in two ways: another request follows in its place. */
  readonly framing?: true
}

/** By none of these does anybody get in. */
const HEADERS: readonly Headers[] = [
  { lines: () => [], status: 400 },
  { lines: () => ['Host: attacker.example'], status: 403 },
  { lines: () => ['Host: '], status: 403 },
  { lines: () => ['Host: 127.0.0.1.attacker.example'], status: 403 },
  { lines: () => ['Host: 127.0.0.1@attacker.example'], status: 403 },
  { lines: (own) => ['Host: attacker.example', `X-Forwarded-Host: ${own.slice(6)}`], status: 403 },
  { lines: (own) => ['Host: attacker.example', `Forwarded: host=${own.slice(6)}`], status: 403 },
  { lines: (own) => [own, 'Host: attacker.example'], status: 400 },
  { lines: (own) => ['Host: attacker.example', own], status: 400 },
  { lines: (own, eve) => [own, `Authorization: Bearer ${eve}`, 'Authorization: Bearer nothing'], status: 400 },
  { lines: (own) => [own, 'Authorization: Bearer'] },
  { lines: (own) => [own, `Authorization: Bearer ${'x'.repeat(4000)}`] },
  { lines: (own) => [own, 'Authorization: Basic b3duZXI6', 'Proxy-Authorization: Bearer x'] },
  { lines: (own) => [own, 'Cookie: causeway-session=a; causeway-session=b', 'Cookie: causeway-session='] },
  { lines: (own) => [own, 'Cookie: ;;;=;%00=%ff; causeway-session=%'] },
  { lines: (own) => [own, `X-Forwarded-For: ${FORGED}`, 'X-Forwarded-Proto: https', 'X-Real-IP: 127.0.0.1'] },
  { lines: (own) => [own, 'X-Forwarded-For: 127.0.0.1', 'X-Forwarded-User: owner', 'Remote-User: owner'] },
  { lines: (own) => [own, 'X-HTTP-Method-Override: GET', 'X-Original-URL: /healthz', 'X-Rewrite-URL: /healthz'] },
  { lines: (own) => [own, 'Content-Length: 1', 'Content-Length: 2'], status: 400, framing: true },
  { lines: (own) => [own, 'Content-Length: -1'], status: 400, framing: true },
  { lines: (own) => [own, 'Content-Length: 4', 'Transfer-Encoding: chunked'], status: 400, framing: true },
  { lines: (own) => [own, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], status: 400, framing: true },
  { lines: (own) => [own, 'Transfer-Encoding: xchunked'], status: 400, framing: true },
  { lines: (own) => [own, `X-Large: ${'x'.repeat(20_000)}`], status: 431 },
  { lines: (own) => [own, 'X-Folded: a\r\n X-Injected: yes'], status: 400 },
  { lines: (own) => [own, 'X-Bare: a\nX-Injected: yes'], status: 400 },
  { lines: (own) => [own, 'X-Bare: a\rX-Injected: yes'], status: 400 },
  { lines: (own) => [own, 'X-Zero: a\0b'], status: 400 },
  { lines: (own) => [`${own}`, 'X Space: 1'], status: 400 },
  { lines: (own) => [own, 'Transfer-Encoding : chunked'], status: 400, framing: true },
  { lines: (own) => [own, 'Expect: 200-ok'] },
  { lines: (own) => [own, 'Range: bytes=0-0,-1,9-1', 'If-None-Match: *', 'If-Match: "x'] },
  {
    lines: (own) => [
      own,
      'Accept: \xff\xfe',
      'Accept-Encoding: br;q=NaN, \xff',
      'Accept-Language: %0d%0aX-Injected: yes',
    ],
  },
  { lines: (own) => [own, 'X-Request-Id: %0d%0aX-Injected:%20yes', 'Traceparent: 00-0-0-0'] },
]

test('whatever is in its headers, a request gets nobody in, is read as one, and comes back in no header', async () => {
  const { own, eve } = scene()
  const found = await each(
    routes,
    () => HEADERS,
    (route, { lines, status, framing }) => {
      const headers = [...lines(own, eve.token), 'Connection: close']
      const request = rawRequest(route.method, filled(route, 'vault'), headers, framing === true ? BODY : '')
      return { request, mayPass: route.access === 'public', status }
    },
  )
  expect(found).toEqual([])
}, 300_000)

test('a page of another site, or of none, changes nothing, not even for the owner', async () => {
  const { own, owner } = scene()
  const before = await lastEvent(owner)
  const changing = routes.filter(({ method }) => method !== 'GET')
  const origins = [
    'null',
    'http://attacker.example',
    'https://127.0.0.1',
    `http://127.0.0.1.attacker.example`,
    'file://',
    '',
    'http://',
  ]
  const found = await each(
    changing,
    () => origins,
    (route, origin) => {
      const headers = [own, `Authorization: Bearer ${owner.token}`, `Origin: ${origin}`, 'Connection: close']
      return { request: rawRequest(route.method, filled(route, 'vault'), headers), mayPass: false, status: 403 }
    },
  )
  expect(found).toEqual([])
  expect(await lastEvent(owner)).toBe(before)
}, 300_000)

test('a body of another kind than the route takes is refused', async () => {
  const { own, owner } = scene()
  const by = `Authorization: Bearer ${owner.token}`
  const withBody = routes.filter(({ method, body }) => method !== 'GET' && body !== undefined)
  const types = [
    'text/plain',
    'text/xml',
    'application/json; charset=utf-7',
    'application/x-www-form-urlencoded',
    'a',
    '\xff',
    'multipart/form-data',
    'multipart/form-data; boundary=',
  ]
  const found = await each(
    withBody,
    () => types,
    (route, type) => {
      const headers = [own, by, `Content-Type: ${type}`, `Content-Length: ${BODY.length}`, 'Connection: close']
      return {
        request: rawRequest(route.method, filled(route, 'no-such-folder'), headers, BODY),
        mayPass: false,
        isOwner: true,
      }
    },
  )
  expect(found).toEqual([])
}, 300_000)

test('a target that is a whole address, or none, leads nowhere else', async () => {
  const { own } = scene()
  const found = await each(
    routes,
    ({ path }) => [
      `http://attacker.example${path}`,
      `https://127.0.0.1${path}`,
      `//attacker.example${path}`,
      '*',
      `attacker.example:443`,
      `http:${path}`,
      '?',
      path.slice(1),
    ],
    (route, target) => ({
      request: rawRequest(route.method, target, [own, 'Connection: close']),
      // This one is answered with the page, which anybody may have.
      mayPass: route.access === 'public' || target === '*',
    }),
  )
  for (const method of ['CONNECT', 'TRACE', 'PROPFIND', 'get', 'GET /healthz HTTP/1.1\r\nX: y\r\n\r\nGET']) {
    const answer = await sendRaw(
      scene().coordinator.port,
      rawRequest(method, '/api/v1/nodes', [own, 'Connection: close']),
    )
    expect([method, answer.status === null || answer.status >= 400 || answer.body.includes('"ok"')]).toEqual([
      method,
      true,
    ])
  }
  expect(found).toEqual([])
}, 300_000)

test('after all of that the coordinator answers, has logged no failure, and believed nobody’s word about their address', async () => {
  const { coordinator, owner } = scene()
  expect((await fetch(`${coordinator.url}/readyz`)).status).toBe(200)
  expect(coordinator.process.stderr).not.toMatch(/"level":(50|60)/)
  const { entries } = await get(owner, '/api/v1/audit', AuditResponseSchema, { limit: 500 })
  expect(entries.filter(({ from }) => from !== '127.0.0.1')).toEqual([])
})

/** As a body it makes no sense to any route; as what follows a request it is another one. */
const BODY = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

interface Attack {
  readonly request: string
  /** False where an answer that is no refusal means that somebody got in. */
  readonly mayPass: boolean
  readonly status?: number | undefined
  /** May read what is kept from others. */
  readonly isOwner?: boolean
}

/** Sends one request for each route and each of its cases, and returns what was wrong with the answers. */
async function each<Case>(
  all: readonly Route[],
  casesOf: (route: Route) => readonly Case[],
  attack: (route: Route, one: Case) => Attack,
): Promise<string[]> {
  const { port } = scene().coordinator
  const due = all.flatMap((route) => casesOf(route).map((one) => attack(route, one)))
  const wrong: string[] = []
  const work = async (): Promise<void> => {
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      const fault = faultOf(await sendRaw(port, next.request), next)
      if (fault !== null) wrong.push(`${fault}: ${JSON.stringify(next.request.slice(0, 200))}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return wrong.toSorted()
}

function faultOf(
  { status, head, body, answers }: RawAnswer,
  { mayPass, status: wanted, isOwner }: Attack,
): string | null {
  if (status === null) return 'closed without an answer'
  if (status >= 500) return `failed with ${status} ${body.slice(0, 200)}`
  if (answers !== 1) return `${answers} answers`
  if (/^x-injected/im.test(head)) return 'a header was injected'
  if (isOwner !== true && body.includes(KEPT)) return 'told what is kept from others'
  if (wanted !== undefined && status !== wanted) return `${status} instead of ${wanted}`
  if (!mayPass && status < 400) return `let in with ${status}`
  return null
}

function targetsOf(folder: string): (route: Route) => string[] {
  return (route) => {
    const whole = PATHS.map((spoilt) => spoilt(filled(route, folder)))
    return route.path.includes(':') ? [...whole, ...namesFor(folder).map((name) => filled(route, name))] : whole
  }
}

/** With this in the place of its folder, or else of its first parameter; in the place of all others what is nobody's. */
function filled({ path }: Route, name: string): string {
  const first = path.includes(':folder') ? ':folder' : /:\w+/
  return path.replace(first, () => name).replaceAll(/:\w+/g, '0')
}

async function lastEvent(owner: { url: string; token: string }): Promise<number> {
  const { events } = await get(owner, '/api/v1/events', EventsResponseSchema, { limit: 1 })
  return events[0]?.position ?? 0
}

/** Somebody with an account who may look at one folder. */
async function viewerOf(folder: string, owner: { url: string; token: string }) {
  const authorization = `Bearer ${owner.token}`
  const roles = [{ folder, role: 'viewer' }]
  const { body } = await post(owner, '/api/v1/person-invites', { roles }, { authorization })
  const { secret } = body as { secret: string }
  const joined = await fetch(`${owner.url}/api/v1/person-invites/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret, name: 'Eve', password: 'correct horse battery staple' }),
  })
  const cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(cookie).not.toBe('')
  return { cookie, token: cookie.split('=')[1] ?? '' }
}
