import { generateKeyPairSync, sign } from 'node:crypto'
import { parseJoinLink, signInMessage } from '@causeway/protocol'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import {
  acceptedBy,
  enrolRequest,
  handClock,
  PASSWORD,
  personWith,
  run,
  sentTo,
  type Running,
  type TestPerson,
} from '../test-support/running.ts'

test('the first admin is made by a link, once, and only while nobody has an account', async () => {
  await using running = await run()
  const { invitations } = running.coordinator
  const [first, second] = [await invitations.forFirstAdmin(), await invitations.forFirstAdmin()]
  const look = (secret: string | null) =>
    sentTo(running.url, { method: 'POST', path: '/api/v1/person-invites/look', body: { secret } })
  expect((await look(first)).body).toEqual({ kind: 'first-admin', name: null, isAdmin: true, folders: [] })
  const ada = await acceptedBy(running.url, { secret: first ?? '', name: 'Ada' })
  expect((await ada.call('GET', '/api/v1/session')).body).toMatchObject({
    canSignOut: true,
    hasAccount: true,
    person: { name: 'Ada' },
    rights: { administers: 'all', everywhere: 'editor' },
  })
  for (const secret of [first, second]) expect((await look(secret)).body.error.code).toBe('invite-invalid')
  await expect(acceptedBy(running.url, { secret: second ?? '', name: 'Eve' })).rejects.toMatchObject({
    code: 'invite-invalid',
  })
  expect(await invitations.forFirstAdmin()).toBeNull()
})

test('a wrong name and a wrong password are told apart by nothing', async () => {
  await using running = await run()
  await running.person('Ada', { isAdmin: true })
  const wrong = await signIn(running, { password: 'not the password' })
  const unknown = await signIn(running, { name: 'nobody' })
  expect([wrong.status, unknown.status]).toEqual([401, 401])
  expect(unknown.body).toEqual(wrong.body)
  expect((await signIn(running, { name: '  ADA ' })).status).toBe(200)
})

test('an account that was disabled is refused like a wrong password', async () => {
  await using running = await run()
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const { id } = (await eve.call('GET', '/api/v1/session')).body.person
  const wrong = await signIn(running, { name: 'Eve', password: 'not the password' })
  expect((await running.rest('PATCH', `/api/v1/people/${id}`, { disabled: true })).status).toBe(200)
  expect((await signIn(running, { name: 'Eve' })).body).toEqual(wrong.body)
  expect((await eve.call('GET', '/api/v1/session')).status).toBe(401)
})

test('guessing at a password is slowed down at once for all connections, and the right one is told to wait too', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  await running.person('Ada', { isAdmin: true })
  const guesses = await Promise.all(
    Array.from({ length: 30 }, (_, at) => signIn(running, { password: `guess number ${at}` })),
  )
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5)
  const held = await signIn(running, {})
  expect([held.status, held.body.error.message]).toEqual([429, expect.stringMatching(/try again in/)])
  clock.advance(1_000)
  expect((await signIn(running, {})).status).toBe(200)
})

test('what counts against a guesser counts at every coordinator of the store, and a session of one is good at the other', async () => {
  await using one = await run()
  await using other = await run({ metadata: one.coordinator.context.metadata })
  const ada = await one.person('Ada', { isAdmin: true })
  const there = await sentTo(other.url, { method: 'GET', path: '/api/v1/nodes', headers: { cookie: ada.cookie } })
  expect(there.status).toBe(200)
  for (let guess = 0; guess < 3; guess++) await signIn(one, { password: 'not the password' })
  for (let guess = 0; guess < 2; guess++) await signIn(other, { password: 'not the password' })
  expect((await signIn(one, {})).status).toBe(429)
  expect((await signIn(other, {})).status).toBe(429)
})

test('a sign-in never takes over a session that the browser was given before: it gets a new one', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  const planted = 'A'.repeat(43)
  const given = await sentTo(running.url, {
    method: 'POST',
    path: '/api/v1/session',
    body: { name: 'Ada', password: PASSWORD },
    headers: { cookie: `causeway-session=${planted}` },
  })
  const session = personWith(running.url, { name: 'Ada', response: given.response })
  expect([planted, ada.token]).not.toContain(session.token)
  expect((await session.call('GET', '/api/v1/session')).status).toBe(200)
  const asPlanted = await sentTo(running.url, {
    method: 'GET',
    path: '/api/v1/session',
    headers: { cookie: `causeway-session=${planted}` },
  })
  expect(asPlanted.status).toBe(401)
})

test('a session ends when it was not used for a day, and after a week however much it is used', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const idle = await running.person('Ada', { isAdmin: true })
  const used = personWith(running.url, { name: 'Ada', response: (await signIn(running, {})).response })
  const states: number[][] = []
  for (let halfDays = 1; halfDays <= 14; halfDays++) {
    clock.advance(12 * 3_600_000)
    const alive = (await used.call('GET', '/api/v1/session')).status
    states.push(halfDays % 2 === 0 ? [halfDays / 2, alive, (await idle.call('GET', '/api/v1/session')).status] : [])
  }
  expect(states.filter(({ length }) => length > 0)).toEqual([
    [1, 200, 401],
    ...[2, 3, 4, 5, 6].map((days) => [days, 200, 401]),
    [7, 401, 401],
  ])
})

test('people see where they are signed in, and end one session or all others, with their sockets', async () => {
  await using running = await run()
  const first = await running.person('Ada', { isAdmin: true })
  const second = personWith(running.url, { name: 'Ada', response: (await signIn(running, {})).response })
  const third = personWith(running.url, { name: 'Ada', response: (await signIn(running, {})).response })
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const list = (await first.call('GET', '/api/v1/account/sessions')).body
  expect(list.map(({ isThisOne }: { isThisOne: boolean }) => isThisOne).toSorted()).toEqual([false, false, true])
  expect(JSON.stringify(list)).not.toContain(first.token)
  const { closed } = await socketOf(running, second)
  const [mine] = (await second.call('GET', '/api/v1/account/sessions')).body.filter(
    ({ isThisOne }: { isThisOne: boolean }) => isThisOne,
  )
  expect((await eve.call('DELETE', `/api/v1/account/sessions/${mine.id}`)).status).toBe(404)
  expect((await first.call('DELETE', `/api/v1/account/sessions/${mine.id}`)).status).toBe(200)
  expect(await closed).toBe(4401)
  expect((await second.call('GET', '/api/v1/session')).status).toBe(401)
  expect((await first.call('DELETE', '/api/v1/account/sessions')).body).toEqual({ ended: 1 })
  expect((await third.call('GET', '/api/v1/session')).status).toBe(401)
  for (const one of [first, eve]) expect((await one.call('GET', '/api/v1/session')).status).toBe(200)
})

test('a new password needs the old one, and ends all other sessions', async () => {
  await using running = await run()
  const here = await running.person('Ada', { isAdmin: true })
  const elsewhere = personWith(running.url, { name: 'Ada', response: (await signIn(running, {})).response })
  const change = (current: string, password: string) =>
    here.call('POST', '/api/v1/account/password', { current, password })
  expect((await change('wrong', 'another long password')).status).toBe(403)
  expect((await change(PASSWORD, 'short')).status).toBe(400)
  expect((await change(PASSWORD, 'another long password')).status).toBe(200)
  expect((await here.call('GET', '/api/v1/session')).status).toBe(200)
  expect((await elsewhere.call('GET', '/api/v1/session')).status).toBe(401)
  expect((await signIn(running, {})).status).toBe(401)
  expect((await signIn(running, { password: 'another long password' })).status).toBe(200)
})

test('whoever found a signed-in browser cannot guess at the password through it', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  const guess = (at: number) =>
    ada.call('POST', '/api/v1/account/password', { current: `guess ${at}`, password: 'another long password' })
  const states = []
  for (let at = 0; at < 6; at++) states.push((await guess(at)).status)
  expect(states).toEqual([403, 403, 403, 403, 403, 429])
})

test('somebody who was disabled at another coordinator is cut off within five seconds, though no signal came', async () => {
  await using one = await run()
  await using other = await run({ metadata: one.coordinator.context.metadata })
  const eve = await one.person('Eve', { roles: { default: 'viewer' } })
  const { closed } = await socketOf(other, eve)
  const { id } = (await eve.call('GET', '/api/v1/session')).body.person
  await one.rest('PATCH', `/api/v1/people/${id}`, { disabled: true })
  expect(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000, 'still open'))])).toBe(4401)
}, 10_000)

test('a node whose challenge came from one coordinator signs in at another, and no answer is good twice', async () => {
  await using one = await run()
  await using other = await run({ metadata: one.coordinator.context.metadata })
  const keys = generateKeyPairSync('ed25519')
  const { secret } = parseJoinLink((await one.rest('POST', '/api/v1/invites', {})).body.link)
  const { node } = (await one.rest('POST', '/api/v1/enrol', await enrolRequest(one.url, { secret, keys, name: 'ada' })))
    .body
  const { nonce, coordinator } = (await sentTo(one.url, { method: 'POST', path: '/link/v1/challenge', body: { node } }))
    .body
  const signature = sign(null, Buffer.from(signInMessage(coordinator, nonce)), keys.privateKey).toString('base64')
  const answer = ({ url }: Running) =>
    sentTo(url, { method: 'POST', path: '/link/v1/session', body: { node, nonce, signature } })
  const there = await answer(other)
  expect(there.status).toBe(200)
  const headers = { authorization: `Bearer ${there.body.token}` }
  expect((await sentTo(one.url, { method: 'GET', path: '/api/v1/folders/default', headers })).status).toBe(200)
  expect((await answer(one)).status).toBe(401)
  expect((await answer(other)).status).toBe(401)
})

test('a node that was removed at one coordinator is cut off at another within five seconds, though no signal came', async () => {
  await using one = await run()
  await using other = await run({ metadata: one.coordinator.context.metadata })
  const ada = await one.enrol('ada')
  const headers = { authorization: `Bearer ${ada.token}` }
  const { closed } = await opened(`${other.url.replace('http', 'ws')}/link/v1/socket`, headers)
  await one.rest('DELETE', `/api/v1/nodes/${ada.id}`)
  expect(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000, 'still open'))])).toBe(4403)
}, 10_000)

test('a page of another site can sign nobody in, and the cookie of a session is for this site and no script', async () => {
  await using running = await run()
  await running.person('Ada', { isAdmin: true })
  const headers = { origin: 'https://evil.example' }
  for (const path of ['/api/v1/session', '/api/v1/person-invites/accept', '/api/v1/person-invites/look']) {
    const body = { name: 'Ada', password: PASSWORD, secret: 's'.repeat(43) }
    const answer = await sentTo(running.url, { method: 'POST', path, body, headers })
    expect([path, answer.status, answer.body.error.code]).toEqual([path, 403, 'foreign-host'])
  }
  const cookie = (await signIn(running, {})).response.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^causeway-session=.*; Path=\/; .*HttpOnly; SameSite=Strict$/)
})

function signIn(running: Running, { name = 'Ada', password = PASSWORD }: { name?: string; password?: string }) {
  return sentTo(running.url, { method: 'POST', path: '/api/v1/session', body: { name, password } })
}

/** An open socket; `closed` resolves to the code with which it was closed. */
async function socketOf(running: Running, person: TestPerson): Promise<{ readonly closed: Promise<number> }> {
  return opened(`${running.url.replace('http', 'ws')}/ws`, { cookie: person.cookie })
}

async function opened(url: string, headers: Record<string, string>): Promise<{ readonly closed: Promise<number> }> {
  const socket = new WebSocket(url, { headers })
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return { closed }
}
