import { createClient } from '@causeway/client'
import type { LiveMessage } from '@causeway/protocol'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { acceptedBy, handClock, PASSWORD, run, sentTo, type Running, type TestPerson } from '../test-support/running.ts'

test('an invitation says what it is for, and makes an account with just that; nobody can use it twice', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  const made = (
    await running.rest('POST', '/api/v1/person-invites', { roles: [{ folder: 'default', role: 'editor' }] })
  ).body
  expect(made.link).toBe(`${running.url}/welcome#${made.secret}`)
  expect((await running.rest('GET', '/api/v1/person-invites')).body).toMatchObject([
    { isAdmin: false, roles: [{ folder: 'default', role: 'editor' }], resets: null },
  ])
  const look = await sentTo(running.url, {
    method: 'POST',
    path: '/api/v1/person-invites/look',
    body: { secret: made.secret },
  })
  expect(look.body).toEqual({
    kind: 'invitation',
    name: null,
    isAdmin: false,
    folders: [{ name: 'Default', role: 'editor' }],
  })
  const eve = await acceptedBy(running.url, { secret: made.secret, name: 'Eve' })
  await expect(acceptedBy(running.url, { secret: made.secret, name: 'Mallory' })).rejects.toMatchObject({
    code: 'invite-invalid',
  })
  expect((await running.rest('GET', '/api/v1/person-invites')).body).toEqual([])
  expect((await running.rest('GET', '/api/v1/people')).body).toMatchObject([
    { name: 'Eve', isAdmin: false, disabled: false, hasPassword: true, roles: [{ folder: 'default', role: 'editor' }] },
  ])
  expect((await eve.call('GET', '/api/v1/people')).status).toBe(403)
})

test('an invitation can be revoked, and is over after its time', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const make = async (minutes: number) =>
    (await running.rest('POST', '/api/v1/person-invites', { isAdmin: true, minutes })).body
  const [revoked, late] = [await make(600), await make(10)]
  const [, id] = (await running.rest('GET', '/api/v1/person-invites')).body.map((invite: { id: string }) => invite.id)
  expect((await running.rest('DELETE', `/api/v1/person-invites/${id}`)).status).toBe(200)
  expect((await running.rest('DELETE', `/api/v1/person-invites/${id}`)).status).toBe(404)
  clock.advance(10 * 60_000)
  for (const { secret } of [revoked, late]) {
    await expect(acceptedBy(running.url, { secret, name: 'Eve' })).rejects.toMatchObject({ code: 'invite-invalid' })
  }
})

test('an invitation to nothing, or to a folder that is not there, is refused, as is a name that somebody has', async () => {
  await using running = await run()
  const invite = (body: object) => running.rest('POST', '/api/v1/person-invites', body)
  expect((await invite({})).status).toBe(400)
  expect((await invite({ roles: [{ folder: 'no-such', role: 'viewer' }] })).status).toBe(404)
  await running.person('Ada', { isAdmin: true })
  const { secret } = (await invite({ isAdmin: true })).body
  await expect(acceptedBy(running.url, { secret, name: 'ADA' })).rejects.toMatchObject({ code: 'already-exists' })
  await acceptedBy(running.url, { secret, name: 'Bob' })
})

test('a link for a new password lets its person in again, and whoever had their session out', async () => {
  await using running = await run()
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const { id } = (await eve.call('GET', '/api/v1/session')).body.person
  const { secret } = (await running.rest('POST', `/api/v1/people/${id}/password-link`)).body
  const again = await acceptedBy(running.url, { secret, name: 'Mallory' })
  expect((await again.call('GET', '/api/v1/session')).body.person).toEqual({ id, name: 'Eve' })
  expect((await eve.call('GET', '/api/v1/session')).status).toBe(401)
})

test('the last admin can be neither demoted, nor disabled, nor removed, by whomever', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  await running.person('Eve', { roles: { default: 'viewer' } })
  const [{ id }] = (await running.rest('GET', '/api/v1/people')).body
  for (const change of [{ isAdmin: false }, { disabled: true }]) {
    expect((await ada.call('PATCH', `/api/v1/people/${id}`, change)).status).toBe(403)
  }
  expect((await running.rest('DELETE', `/api/v1/people/${id}`)).body.error.message).toContain('last admin')
  await running.person('Bob', { isAdmin: true })
  expect((await ada.call('DELETE', `/api/v1/people/${id}`)).status).toBe(200)
  expect((await ada.call('GET', '/api/v1/session')).status).toBe(401)
})

test('roles that are changed hold from the next request on, and a page that is open comes back with them', async () => {
  await using running = await run({ folders: ['Default', 'Other'] })
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const socket = await openSocket(running, eve)
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve))
  const { id } = (await eve.call('GET', '/api/v1/session')).body.person
  await running.rest('PATCH', `/api/v1/people/${id}`, { roles: [{ folder: 'other', role: 'editor' }] })
  expect(await closed).toBe(1012)
  expect((await folderIds(eve)).toSorted()).toEqual(['other'])
  expect((await eve.call('GET', '/api/v1/folders/default')).status).toBe(404)
})

test('a person sees their folders and those who carry them, and everything else is not there', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob', { folder: 'private' })
  await running.rest('PUT', `/api/v1/folders/private/members/${ada.id}`, { access: 'read-write' })
  await ada.save('mine', 'text', 1)
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  expect(await folderIds(eve)).toEqual(['default'])
  const nodes = (await eve.call('GET', '/api/v1/nodes')).body
  expect(nodes).toMatchObject([{ id: ada.id, address: '', watchDirectories: [], folders: [{ folder: 'default' }] }])
  expect(JSON.stringify(nodes)).not.toContain('private')
  const [theirs, none] = [bob.id, 'no-such'].map((id) => eve.call('GET', `/api/v1/nodes/${id}`))
  expect(JSON.stringify((await theirs)?.body).replaceAll(bob.id, 'X')).toBe(
    JSON.stringify((await none)?.body).replaceAll('no-such', 'X'),
  )
  for (const path of ['', '/entries', '/history?path=x', '/members', '/archive', '/savings']) {
    const [hidden, missing] = [
      await eve.call('GET', `/api/v1/folders/private${path}`),
      await eve.call('GET', `/api/v1/folders/missing${path}`),
    ]
    expect([path, hidden.status, hidden.body.error.message.replace('private', 'missing')]).toEqual([
      path,
      404,
      missing.body.error.message,
    ])
  }
})

test('events, searches and downloads find nothing of folders that are none of theirs', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  await running.rest('POST', '/api/v1/folders/private/entries/make-directory', { path: 'secret plans' })
  await running.rest('POST', '/api/v1/folders/default/entries/make-directory', { path: 'open plans' })
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const { events } = (await eve.call('GET', '/api/v1/events?after=0')).body
  expect(new Set(events.map(({ folder }: { folder: string }) => folder))).toEqual(new Set(['default']))
  expect((await eve.call('GET', '/api/v1/events?after=0&folder=private')).body).toEqual({ events: [] })
  const all = (await running.rest('GET', '/api/v1/events?after=0')).body.events
  const [hidden, seen] = ['private', 'default'].map(
    (of) => all.find(({ folder }: { folder: string }) => folder === of).position,
  )
  expect((await eve.call('GET', `/api/v1/events/order?a=${hidden}&b=${seen}`)).status).toBe(404)
  expect((await eve.call('GET', '/api/files?search=plans')).status).toBe(200)
  const named = await eve.call('GET', '/api/files?folder=private')
  expect([named.status, named.body.error.message]).toEqual([
    404,
    'there is no folder named private. There is: Default.',
  ])
  expect((await eve.call('GET', '/api/files/download?folder=private&path=x')).status).toBe(404)
  expect((await eve.call('GET', '/api/v1/throughput?span=hour&by=node')).status).toBe(403)
  expect((await eve.call('GET', '/api/v1/throughput?span=hour&by=node&folder=private')).status).toBe(404)
  expect((await eve.call('GET', '/api/v1/throughput?span=hour&by=node&folder=default')).status).toBe(200)
})

test('a viewer changes nothing and an editor changes their folder, by the original interface too', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  const people = {
    viewer: await running.person('Vic', { roles: { default: 'viewer' } }),
    editor: await running.person('Ed', { roles: { default: 'editor' } }),
  }
  const upload = async (who: TestPerson, folder: string) => {
    const form = new FormData()
    form.set('path', `${who.name}.txt`)
    form.set('folder', folder)
    form.set('file', new Blob(['text']), 'file')
    return (
      await fetch(`${running.url}/api/files/upload`, { method: 'POST', headers: { cookie: who.cookie }, body: form })
    ).status
  }
  expect(await upload(people.viewer, 'default')).toBe(403)
  expect([await upload(people.editor, 'default'), await upload(people.editor, 'private')]).toEqual([200, 404])
  const make = async (who: TestPerson) =>
    (await who.call('POST', '/api/v1/folders/default/entries/make-directory', { path: who.name })).status
  expect([await make(people.viewer), await make(people.editor)]).toEqual([403, 200])
  expect((await people.editor.call('PATCH', '/api/v1/folders/default', { name: 'Mine' })).status).toBe(403)
  expect((await people.editor.call('POST', '/api/v1/folders', { name: 'Mine' })).status).toBe(403)
})

test('the live feed tells a person of their folders alone', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  const eve = await running.person('Eve', { roles: { default: 'viewer' } })
  const socket = await openSocket(running, eve)
  const heard: LiveMessage[] = []
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
  socket.send(JSON.stringify({ subscribe: { after: 0 } }))
  const bob = await running.enrol('bob', { folder: 'private' })
  const link = await bob.socket()
  await running.rest('POST', '/api/v1/folders/private/entries/make-directory', { path: 'hidden' })
  await running.rest('POST', '/api/v1/folders/default/entries/make-directory', { path: 'seen' })
  await eventually(() => heard.some((message) => message.kind === 'event' && message.event.path === 'seen'))
  expect(JSON.stringify(heard)).not.toMatch(/private|hidden|bob/)
  link.close()
})

test('the typed client signs in by name and password as well as by a token', async () => {
  await using running = await run()
  await running.person('Ada', { isAdmin: true })
  const client = createClient({ url: running.url })
  await expect(client.signInAs('Ada', 'wrong')).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(await client.signInAs('Ada', PASSWORD)).toEqual({ ok: true })
})

async function folderIds(who: TestPerson): Promise<string[]> {
  return (await who.call('GET', '/api/v1/folders')).body.map(({ id }: { id: string }) => id)
}

async function openSocket(running: Running, person: TestPerson): Promise<WebSocket> {
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/ws`, { headers: { cookie: person.cookie } })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}
