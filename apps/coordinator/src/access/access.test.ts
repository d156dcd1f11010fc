import { generateKeyPairSync, sign } from 'node:crypto'
import { NodeIdSchema, parseJoinLink, signInMessage, type NodeId } from '@causeway/protocol'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { ADMIN_TOKEN, handClock, rawPublicKey, run, signInAs, type Running } from '../test-support/running.ts'
import { createInvites } from './invites.ts'
import { createNodeSignIn } from './node-sign-in.ts'
import { createSessions } from './sessions.ts'

/** What may be reached by anybody; everything else must refuse. */
const PUBLIC = new Set([
  'GET /',
  'GET /clocks',
  'GET /delta',
  'GET /health',
  'GET /join',
  'GET /monitor',
  'GET /settings',
  'GET /topology',
  'POST /api/v1/enrol',
  'POST /api/v1/session',
  'POST /link/v1/challenge',
  'POST /link/v1/session',
])

/** The dashboard's own files. */
const IS_PAGE_FILE = /^GET \/(assets\/.*|[\w-]+\.(svg|html))$/

test('every registered route refuses whoever gives no credentials, but for a short list', async () => {
  await using running = await run()
  const routes = routesOf(running)
  expect(routes.length).toBeGreaterThan(45)
  expect(routes).toEqual(expect.arrayContaining([...PUBLIC, 'GET /ws', 'GET /link/v1/socket', 'GET /docs/json']))
  for (const route of routes.filter((known) => !PUBLIC.has(known) && !IS_PAGE_FILE.test(known))) {
    const [method = '', path = ''] = route.split(' ')
    const response = await fetch(running.url + path.replaceAll(/:\w+|\*/g, 'default'), { method })
    expect([route, response.status]).toEqual([route, 401])
  }
  expect((await fetch(`${running.url}/no/such/route`)).status).toBe(401)
})

test('a node is let into what is for nodes and members, and into nothing that is for people', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await running.rest('POST', '/api/v1/folders', { name: 'Private' })
  const as = (path: string, method = 'GET') => {
    return fetch(running.url + path, { method, headers: { authorization: `Bearer ${ada.token}` } })
  }
  expect((await as('/api/v1/folders/default/entries')).status).toBe(200)
  expect((await as('/api/v1/folders/private/entries')).status).toBe(403)
  expect((await as('/api/v1/folders/no-such/entries')).status).toBe(403)
  expect((await as('/link/v1/folders/private/changes', 'POST')).status).toBe(403)
  expect((await as('/api/v1/nodes')).status).toBe(403)
  expect((await as('/api/v1/folders/default/resume', 'POST')).status).toBe(403)
  expect((await as('/api/v1/events')).status).toBe(403)
})

test.each([
  ['a foreign name', 'evil.example'],
  ['a foreign name that begins like ours', 'localhost.evil.example'],
  ['an address that is not ours', '10.0.0.1:8000'],
])('a request for %s is refused, also for what is public', async (_name, host) => {
  await using running = await run({ openToPeople: true })
  const response = await running.app.inject({ url: '/health', headers: { host } })
  expect(response.statusCode).toBe(403)
  expect(response.json()).toMatchObject({ error: { code: 'foreign-host' } })
})

test('a page of another site can neither change anything nor open a socket', async () => {
  await using running = await run({ openToPeople: true })
  const { host } = new URL(running.url)
  for (const origin of ['https://evil.example', 'null', `https://${host}`.replace('127.0.0.1', 'localhost')]) {
    const response = await running.app.inject({
      method: 'POST',
      url: '/api/v1/folders',
      headers: { host, origin },
      payload: { name: 'x' },
    })
    expect([origin, response.statusCode]).toEqual([origin, 403])
    expect(await openedWith(running, { origin })).toBe(403)
  }
  expect(await openedWith(running, { origin: running.url })).toBe(101)
})

test('the admin token opens a session that a browser keeps in a cookie scripts cannot read', async () => {
  await using running = await run()
  const open = (token: string) => {
    return fetch(`${running.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  }
  expect((await open('wrong')).status).toBe(401)
  const cookie = (await open(ADMIN_TOKEN)).headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/HttpOnly/)
  expect(cookie).toMatch(/SameSite=Strict/)
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  expect((await fetch(`${running.url}/api/v1/nodes`, { headers })).status).toBe(200)
  expect((await fetch(`${running.url}/api/v1/session`, { method: 'DELETE', headers })).status).toBe(200)
  expect((await fetch(`${running.url}/api/v1/nodes`, { headers })).status).toBe(401)
})

test('a join link is good for one key: that key may repeat itself, no other may follow', async () => {
  await using running = await run()
  const { secret, folder } = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  expect(folder).toBe('default')
  const about = { name: 'ada', address: '', port: 0, watchDirectories: [], capabilities: [], version: '0' }
  const enrol = (publicKey: string, given = secret) =>
    running.rest('POST', '/api/v1/enrol', { secret: given, publicKey, ...about })
  const own = newKey()
  const first = await enrol(own)
  expect(first.body).toMatchObject({
    coordinator: 'coordinator-under-test',
    access: 'read-write',
    folder: { id: 'default' },
  })
  expect((await enrol(own)).body).toEqual(first.body)
  expect((await enrol(newKey())).body.error.code).toBe('invite-invalid')
  expect((await enrol(newKey(), `${secret.slice(0, -1)}x`)).body.error.code).toBe('invite-invalid')
})

test('a join link and a session are good for their time and no longer', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const { secret } = parseJoinLink((await running.rest('POST', '/api/v1/invites', { minutes: 15 })).body.link)
  const ada = await running.enrol('ada')
  const nodes = () =>
    fetch(`${running.url}/api/v1/folders/default`, { headers: { authorization: `Bearer ${ada.token}` } })
  clock.advance(15 * 60_000)
  const about = { name: 'bob', address: '', port: 0, watchDirectories: [], capabilities: [], version: '0' }
  const { body } = await running.rest('POST', '/api/v1/enrol', { secret, publicKey: newKey(), ...about })
  expect(body.error.code).toBe('invite-invalid')
  expect((await nodes()).status).toBe(200)
  clock.advance(12 * 3_600_000)
  expect((await nodes()).status).toBe(401)
})

test('guessing at join links is slowed down', async () => {
  await using running = await run()
  const about = { name: 'bob', address: '', port: 0, watchDirectories: [], capabilities: [], version: '0' }
  const statuses = new Set<number>()
  for (let attempt = 0; attempt < 70; attempt++) {
    const guess = { secret: `guess-${attempt}-aaaaaaaaaaaaaaaaaaaa`, publicKey: newKey(), ...about }
    statuses.add((await running.rest('POST', '/api/v1/enrol', guess)).status)
  }
  expect([...statuses]).toEqual([403, 429])
})

test('an invite made on this machine can name the address that others know it by', async () => {
  await using running = await run()
  const { body } = await running.rest('POST', '/api/v1/invites', { url: 'https://files.example:8443' })
  expect(body.link).toMatch(/^causeways:\/\/files\.example:8443\/join#/)
  expect((await running.rest('POST', '/api/v1/invites', { url: 'file:///etc' })).status).toBe(400)
  expect((await running.rest('POST', '/api/v1/invites', { folder: 'no such' })).status).toBe(404)
})

test('nobody signs in with another key', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await expect(signInAs(running.url, ada.id, generateKeyPairSync('ed25519').privateKey)).rejects.toMatchObject({
    code: 'not-signed-in',
  })
})

test('a challenge is good for one node, and once', async () => {
  await using running = await run()
  const context = running.coordinator.context
  const signIn = createNodeSignIn(context, createSessions<NodeId>(context.clock, 1))
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const link = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  const about = { name: 'ada', address: '', port: 0, watchDirectories: [], capabilities: [], version: '0' }
  const { node } = await createInvites(context).enrol({
    secret: link.secret,
    publicKey: rawPublicKey(publicKey),
    ...about,
  })
  const answer = (nonce: string, coordinator: string) => {
    const signature = sign(null, Buffer.from(signInMessage(coordinator, nonce)), privateKey).toString('base64')
    return signIn.session({ node, nonce, signature })
  }
  const { nonce, coordinator } = signIn.challenge(node)
  expect((await answer(nonce, coordinator)).folders).toMatchObject([{ id: 'default' }])
  const refused = { code: 'not-signed-in' }
  await expect(answer(nonce, coordinator)).rejects.toMatchObject(refused)
  await expect(answer(signIn.challenge(NodeIdSchema.parse('other')).nonce, coordinator)).rejects.toMatchObject(refused)
  await expect(answer(signIn.challenge(node).nonce, 'another coordinator')).rejects.toMatchObject(refused)
  await expect(answer('made up', coordinator)).rejects.toMatchObject(refused)
})

test('a node that was registered without a key cannot sign in', async () => {
  await using running = await run()
  const node = { node_id: 'plain', name: 'Plain', address: '', port: 0 }
  expect((await running.rest('POST', '/api/register', node)).status).toBe(200)
  await expect(
    signInAs(running.url, NodeIdSchema.parse('plain'), generateKeyPairSync('ed25519').privateKey),
  ).rejects.toMatchObject({ code: 'not-signed-in' })
})

function routesOf({ app }: Running): string[] {
  // One line a route: the path, then its methods.
  const seen = app.printRoutes({ commonPrefix: false, includeHooks: false })
  const routes: string[] = []
  const stack: string[] = []
  for (const line of seen.split('\n')) {
    const match = /^([│ ├└─]*)(\S.*?) \(([A-Z, ]+)\)$/.exec(line) ?? /^([│ ├└─]*)(\S+)$/.exec(line)
    if (match === null) continue
    const [, indent = '', path = '', methods = ''] = match
    const depth = indent.length / 4
    stack.length = depth - 1
    stack.push(path)
    for (const method of methods.split(', ')) {
      if (method !== '' && method !== 'HEAD') routes.push(`${method} ${stack.join('')}`)
    }
  }
  return [...new Set(routes)]
}

async function openedWith(running: Running, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/ws`, { headers })
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve(101)
      socket.close()
    })
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => {})
  })
}

function newKey(): string {
  return rawPublicKey(generateKeyPairSync('ed25519').publicKey)
}
