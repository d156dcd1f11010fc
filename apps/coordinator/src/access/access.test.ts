import { generateKeyPairSync, sign, type KeyPairKeyObjectResult } from 'node:crypto'
import { EnrolResponseSchema, LIMITS, NodeIdSchema, parseJoinLink, signInMessage } from '@causeway/protocol'
import { expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import {
  ADMIN_TOKEN,
  enrolRequest,
  handClock,
  rawPublicKey,
  run,
  signInAs,
  type Running,
} from '../test-support/running.ts'
import { createChallenges } from './challenges.ts'
import { createNodeSignIn } from '../nodes/sign-in.ts'

test('an address that is no route is refused whoever gives no credentials', async () => {
  await using running = await run()
  expect((await fetch(`${running.url}/no/such/route`)).status).toBe(401)
})

test.each([
  ['is trusted, and says https', ['127.0.0.0/8'], 'https', true],
  ['is trusted, and says http', ['127.0.0.0/8'], 'http', false],
  ['is not trusted', [], 'https', false],
  ['is another than the one that is trusted', ['10.0.0.0/8'], 'https', false],
])('behind a proxy that %s, the cookie is %j for %s: %j', async (_name, trustedProxies, proto, isSecure) => {
  await using running = await run({ trustedProxies })
  const response = await fetch(`${running.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-proto': proto },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  const cookie = response.headers.get('set-cookie') ?? ''
  expect(/; Secure/.test(cookie)).toBe(isSecure)
  expect(cookie.startsWith(isSecure ? '__Host-causeway-session=' : 'causeway-session=')).toBe(true)
})

test('over TLS a session is taken from the cookie alone that no other site can plant', async () => {
  await using running = await run({ trustedProxies: ['127.0.0.1'] })
  const secure = { 'x-forwarded-proto': 'https', 'content-type': 'application/json' }
  const body = JSON.stringify({ token: ADMIN_TOKEN })
  const signedIn = await fetch(`${running.url}/api/v1/session`, { method: 'POST', headers: secure, body })
  const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';')
  const statusWith = async (sent: string) => {
    return (await fetch(`${running.url}/api/v1/nodes`, { headers: { ...secure, cookie: sent } })).status
  }
  expect(await statusWith(cookie)).toBe(200)
  expect(await statusWith(cookie.replace('__Host-', ''))).toBe(401)
})

test('only a proxy that is trusted says which host was asked', async () => {
  await using trusting = await run({ trustedProxies: ['127.0.0.1'] })
  await using wary = await run()
  const headers = { 'x-forwarded-host': 'evil.example' }
  expect((await fetch(`${trusting.url}/health`, { headers })).status).toBe(403)
  expect((await fetch(`${wary.url}/health`, { headers })).status).toBe(200)
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
  const { secret, folders } = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  expect(folders).toEqual(['default'])
  const enrol = async (keys: KeyPairKeyObjectResult, given = secret) =>
    running.rest('POST', '/api/v1/enrol', await enrolRequest(running.url, { secret: given, keys, name: 'ada' }))
  const own = generateKeyPairSync('ed25519')
  const first = await enrol(own)
  expect(first.body).toMatchObject({
    coordinator: 'coordinator-under-test',
    folders: [{ id: 'default', access: 'read-write' }],
  })
  expect((await enrol(own)).body).toEqual(first.body)
  expect((await enrol(generateKeyPairSync('ed25519'))).body.error.code).toBe('invite-invalid')
  const wrong = `${secret.slice(0, -1)}${secret.endsWith('x') ? 'y' : 'x'}`
  expect((await enrol(generateKeyPairSync('ed25519'), wrong)).body.error.code).toBe('invite-invalid')
})

test('one join link enrols in several folders at once, and says so again to whoever lost the answer', async () => {
  await using running = await run({ folders: ['Work', 'Our photos', 'Private'] })
  const made = await running.rest('POST', '/api/v1/invites', {
    folders: ['Our photos', 'work', 'Work'],
    access: 'send-only',
  })
  const { secret, folders } = parseJoinLink(made.body.link)
  expect(folders).toEqual(['our-photos', 'work'])
  const open = (await running.rest('GET', '/api/v1/invites')).body
  expect(open).toMatchObject([{ folders: ['our-photos', 'work'], access: 'send-only' }])
  const keys = generateKeyPairSync('ed25519')
  const enrol = async () =>
    running.rest('POST', '/api/v1/enrol', await enrolRequest(running.url, { secret, keys, name: 'ada' }))
  const first = await enrol()
  expect(first.body.folders).toMatchObject([
    { id: 'our-photos', name: 'Our photos', access: 'send-only' },
    { id: 'work', name: 'Work', access: 'send-only' },
  ])
  expect((await enrol()).body).toEqual(first.body)
  const { node } = first.body
  const carried = async () => (await signInAs(running.url, node, keys.privateKey)).folders.map(({ id }) => id)
  expect((await carried()).toSorted()).toEqual(['our-photos', 'work'])
  const { events } = (await running.rest('GET', '/api/v1/events?after=0')).body
  expect(events).toMatchObject([
    { kind: 'join', folder: 'our-photos' },
    { kind: 'join', folder: 'work' },
  ])
  // Shown again after one was taken away, it gives nothing back.
  await running.rest('DELETE', `/api/v1/folders/work/members/${node}`)
  expect((await enrol()).body.folders).toMatchObject([{ id: 'our-photos' }])
  expect(await carried()).toEqual(['our-photos'])
})

test('a link to several folders stays good for those that there still are, and for none that came later', async () => {
  await using running = await run({ folders: ['Work', 'Photos'] })
  const invite = async (folders: readonly string[]) =>
    parseJoinLink((await running.rest('POST', '/api/v1/invites', { folders })).body.link).secret
  const secret = await invite(['work', 'photos'])
  await invite(['work'])
  await running.rest('DELETE', '/api/v1/folders/work')
  expect((await running.rest('GET', '/api/v1/invites')).body).toMatchObject([{ folders: ['photos'] }])
  await running.rest('POST', '/api/v1/removed-folders/work/restore')
  const request = await enrolRequest(running.url, { secret, keys: generateKeyPairSync('ed25519'), name: 'ada' })
  expect((await running.rest('POST', '/api/v1/enrol', request)).body.folders).toMatchObject([{ id: 'photos' }])
})

test('an invite says which of its folders it does not know, and takes one way of naming them', async () => {
  await using running = await run({ folders: ['Work', 'Photos'] })
  const invite = async (body: object) => (await running.rest('POST', '/api/v1/invites', body)).body
  expect((await invite({ folders: ['work', 'wrok'] })).error).toMatchObject({
    code: 'not-found',
    message: 'there is no folder named wrok. There are: Photos, Work.',
  })
  expect((await invite({ folder: 'work', folders: ['photos'] })).error.code).toBe('bad-request')
  expect((await invite({ folders: [] })).error.code).toBe('bad-request')
  expect(await invite({ folders: Array.from({ length: LIMITS.foldersPerInvite }, () => 'work') })).toHaveProperty(
    'link',
  )
  const many = await invite({ folders: Array.from({ length: LIMITS.foldersPerInvite + 1 }, () => 'work') })
  expect(many.error.code).toBe('bad-request')
  expect((await running.rest('GET', '/api/v1/invites')).body).toHaveLength(1)
})

test('a join link that is shown again leaves the membership as it is by now', async () => {
  await using running = await run()
  const { secret } = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  const keys = generateKeyPairSync('ed25519')
  const enrol = async () =>
    running.rest('POST', '/api/v1/enrol', await enrolRequest(running.url, { secret, keys, name: 'ada' }))
  const { node } = (await enrol()).body
  const member = `/api/v1/folders/default/members/${node}`
  await running.rest('PATCH', member, { access: 'receive-only', paused: true })
  expect((await enrol()).body).toMatchObject({ node, folders: [{ access: 'receive-only' }] })
  const members = (await running.rest('GET', '/api/v1/folders/default/members')).body
  expect(members).toMatchObject([{ node, access: 'receive-only', paused: true }])

  await running.rest('DELETE', `/api/v1/nodes/${node}`)
  expect(await enrol()).toMatchObject({ status: 403, body: { error: { code: 'node-removed' } } })
  expect((await running.rest('GET', '/api/v1/nodes')).body).toEqual([])
})

test('a node that was removed is told so when it signs in, and comes back by a new join link alone', async () => {
  await using running = await run()
  const link = async () => parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link).secret
  const keys = generateKeyPairSync('ed25519')
  const enrol = async (secret: string) =>
    running.rest('POST', '/api/v1/enrol', await enrolRequest(running.url, { secret, keys, name: 'ada' }))
  const { node } = (await enrol(await link())).body
  await running.rest('DELETE', `/api/v1/nodes/${node}`)
  await expect(signInAs(running.url, node, keys.privateKey)).rejects.toMatchObject({
    code: 'node-removed',
    message: expect.stringContaining('new join link'),
  })
  const stranger = signInAs(running.url, node, generateKeyPairSync('ed25519').privateKey)
  await expect(stranger).rejects.toMatchObject({ code: 'not-signed-in' })

  expect((await enrol(await link())).body).toMatchObject({ node, folders: [{ access: 'read-write' }] })
  expect((await signInAs(running.url, node, keys.privateKey)).folders).toMatchObject([{ id: 'default' }])
})

test('nobody enrols a key that they do not hold', async () => {
  await using running = await run()
  const { secret } = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  const keys = generateKeyPairSync('ed25519')
  const request = await enrolRequest(running.url, { secret, keys, name: 'ada' })
  const other = generateKeyPairSync('ed25519')
  const stolen = { ...request, publicKey: rawPublicKey(other.publicKey) }
  expect((await running.rest('POST', '/api/v1/enrol', stolen)).body.error.code).toBe('not-signed-in')
  const made = { ...request, nonce: 'A'.repeat(78) }
  expect((await running.rest('POST', '/api/v1/enrol', made)).body.error.code).toBe('not-signed-in')
  expect((await running.rest('POST', '/api/v1/enrol', request)).status).toBe(200)
})

test('a join link and a session are good for their time and no longer', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const { secret } = parseJoinLink((await running.rest('POST', '/api/v1/invites', { minutes: 15 })).body.link)
  const ada = await running.enrol('ada')
  const nodes = () =>
    fetch(`${running.url}/api/v1/folders/default`, { headers: { authorization: `Bearer ${ada.token}` } })
  clock.advance(15 * 60_000)
  const keys = generateKeyPairSync('ed25519')
  const late = await enrolRequest(running.url, { secret, keys, name: 'bob' })
  expect((await running.rest('POST', '/api/v1/enrol', late)).body.error.code).toBe('invite-invalid')
  expect((await nodes()).status).toBe(200)
  clock.advance(12 * 3_600_000)
  expect((await nodes()).status).toBe(401)
})

test('setting the clock ends no session and lets none last, and a challenge is still good for a minute', async () => {
  const clock = handClock()
  const steady = handClock(0)
  await using running = await run({ clock, steady })
  const ada = await running.enrol('ada')
  const nodes = async () => {
    const headers = { authorization: `Bearer ${ada.token}` }
    return (await fetch(`${running.url}/api/v1/folders/default`, { headers })).status
  }
  const challenges = createChallenges(running.coordinator.context.timers)
  const nonce = challenges.make(ada.id)
  clock.advance(24 * 3_600_000)
  expect(await nodes()).toBe(200)
  expect(challenges.isGood(nonce, ada.id)).toBe(true)
  clock.advance(-48 * 3_600_000)
  steady.advance(60_000)
  expect(await nodes()).toBe(200)
  expect(challenges.isGood(nonce, ada.id)).toBe(false)
  steady.advance(12 * 3_600_000)
  expect(await nodes()).toBe(401)
})

test('whoever guesses at secrets waits longer and longer, and nobody else at that address does', async () => {
  const waits: (() => void)[] = []
  await using running = await run({ sleep: () => new Promise((resolve) => waits.push(resolve)) })
  const open = (token: string) =>
    fetch(`${running.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  for (let guess = 0; guess < 5; guess++) expect((await open('wrong')).status).toBe(401)
  const held = Array.from({ length: 20 }, () => open('wrong'))
  await vi.waitUntil(() => waits.length === 20)
  expect((await open('wrong')).status).toBe(429)
  expect((await open(ADMIN_TOKEN)).status).toBe(200)
  const ada = await running.enrol('ada')
  expect(ada.folders).toHaveLength(1)
  for (const goOn of waits) goOn()
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual(held.map(() => 401))
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
  const { context } = running.coordinator
  const signIn = createNodeSignIn(context, createChallenges(context.clock))
  const keys = generateKeyPairSync('ed25519')
  const { secret } = parseJoinLink((await running.rest('POST', '/api/v1/invites', {})).body.link)
  const enrolled = await running.rest(
    'POST',
    '/api/v1/enrol',
    await enrolRequest(running.url, { secret, keys, name: 'ada' }),
  )
  const { node } = EnrolResponseSchema.parse(enrolled.body)
  const answer = (nonce: string, coordinator: string) => {
    const signature = sign(null, Buffer.from(signInMessage(coordinator, nonce)), keys.privateKey).toString('base64')
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

test('strangers who ask for any number of challenges drive out nobody else’s', () => {
  const clock = handClock()
  const challenges = createChallenges(clock)
  const [ada, eve] = [NodeIdSchema.parse('ada'), NodeIdSchema.parse('eve')]
  const nonce = challenges.make(ada)
  for (let asked = 0; asked < 20_000; asked++) challenges.make(eve)
  expect(challenges.isGood(nonce, ada)).toBe(true)
  clock.advance(60_000)
  expect(challenges.isGood(nonce, ada)).toBe(false)
})

test('a node that was registered without a key cannot sign in', async () => {
  await using running = await run()
  const node = { node_id: 'plain', name: 'Plain', address: '', port: 0 }
  expect((await running.rest('POST', '/api/register', node)).status).toBe(200)
  await expect(
    signInAs(running.url, NodeIdSchema.parse('plain'), generateKeyPairSync('ed25519').privateKey),
  ).rejects.toMatchObject({ code: 'not-signed-in' })
})

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

test('a person who came by a cookie can sign out: the session ends, with its sockets, and another one does not', async () => {
  await using running = await run()
  const [first, second] = [await signInPerson(running), await signInPerson(running)]
  const session = (cookie: string, method = 'GET') => {
    return fetch(`${running.url}/api/v1/session`, { method, headers: { cookie } })
  }
  expect(await (await session(first)).json()).toMatchObject({ canSignOut: true, hasAccount: false })
  expect((await running.rest('GET', '/api/v1/session')).body).toMatchObject({ canSignOut: false })
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/ws`, { headers: { cookie: first } })
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve))
  await new Promise((resolve) => socket.once('open', resolve))
  const out = await session(first, 'DELETE')
  expect(out.headers.get('set-cookie')).toMatch(/^causeway-session=;.*Expires=Thu, 01 Jan 1970/)
  expect(await closed).toBe(4401)
  expect((await session(first)).status).toBe(401)
  expect((await session(second)).status).toBe(200)
})

async function signInPerson(running: Running): Promise<string> {
  const response = await fetch(`${running.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}
