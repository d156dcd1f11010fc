import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { handClock, run, sentTo, type Running } from '../test-support/running.ts'

test('a token is shown once, does what its scope says, and is gone when it is removed, with what it held open', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  const made = (await ada.call('POST', '/api/v1/account/tokens', { name: 'backup', scope: 'read' })).body
  expect(made.token).toMatch(/^causeway_.{43}$/)
  const list = (await ada.call('GET', '/api/v1/account/tokens')).body
  expect(list).toMatchObject([{ id: made.id, name: 'backup', scope: 'read', folders: null, lastUsedAt: null }])
  expect(JSON.stringify(list)).not.toContain(made.token)
  expect(await as(running, made.token, 'GET', '/api/v1/people')).toBe(200)
  expect(await as(running, made.token, 'POST', '/api/v1/folders/default/entries/make-directory', { path: 'x' })).toBe(
    403,
  )
  expect(await as(running, made.token, 'POST', '/api/v1/person-invites', { isAdmin: true })).toBe(403)
  expect((await ada.call('GET', '/api/v1/account/tokens')).body[0].lastUsedAt).not.toBeNull()
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${made.token}` },
  })
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve))
  await new Promise((resolve) => socket.once('open', resolve))
  expect((await ada.call('DELETE', `/api/v1/account/tokens/${made.id}`)).status).toBe(200)
  expect(await closed).toBe(4401)
  expect(await as(running, made.token, 'GET', '/api/v1/people')).toBe(401)
})

test('a token for some folders is good for those alone, and for none that its person has lost', async () => {
  await using running = await run({ folders: ['Default', 'Private'] })
  const eve = await running.person('Eve', { roles: { default: 'editor' } })
  const make = (folders: string[]) => eve.call('POST', '/api/v1/account/tokens', { name: 't', scope: 'write', folders })
  expect((await make(['private'])).status).toBe(404)
  const { token } = (await make(['default'])).body
  const look = (folder: string) => as(running, token, 'GET', `/api/v1/folders/${folder}`)
  expect([await look('default'), await look('private')]).toEqual([200, 404])
  const { id } = (await eve.call('GET', '/api/v1/session')).body.person
  await running.rest('PATCH', `/api/v1/people/${id}`, { roles: [{ folder: 'private', role: 'editor' }] })
  expect([await look('default'), await look('private')]).toEqual([404, 404])
  await running.rest('PATCH', `/api/v1/people/${id}`, { disabled: true })
  expect(await look('default')).toBe(401)
})

test('a token ends with its time', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const ada = await running.person('Ada', { isAdmin: true })
  const { token } = (await ada.call('POST', '/api/v1/account/tokens', { name: 't', scope: 'admin', days: 1 })).body
  expect(await as(running, token, 'GET', '/api/v1/people')).toBe(200)
  clock.advance(24 * 3_600_000)
  expect(await as(running, token, 'GET', '/api/v1/people')).toBe(401)
})

test('a token that leaked becomes neither another token nor a new password, but can end itself', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  const { token } = (await ada.call('POST', '/api/v1/account/tokens', { name: 't', scope: 'admin' })).body
  expect(await as(running, token, 'POST', '/api/v1/account/tokens', { name: 'more', scope: 'admin' })).toBe(403)
  expect(
    await as(running, token, 'POST', '/api/v1/account/password', { current: 'x', password: 'a new long one' }),
  ).toBe(403)
  expect(await as(running, token, 'DELETE', '/api/v1/account/sessions')).toBe(403)
  expect(await as(running, token, 'DELETE', '/api/v1/account/token')).toBe(200)
  expect(await as(running, token, 'GET', '/api/v1/session')).toBe(401)
})

async function as(running: Running, token: string, method: string, path: string, body?: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await sentTo(running.url, { method, path, headers, ...(body !== undefined && { body }) })).status
}
