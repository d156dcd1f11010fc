import { expect, test } from 'vitest'
import { acceptedBy, handClock, personWith, run, sentTo, type Running } from '../test-support/running.ts'

test('a sign-in link opens a session of the owner of the machine, once', async () => {
  await using running = await run()
  const { secret, link } = await made(running)
  expect(link).toBe(`${running.url}/sign-in#${secret}`)
  const opened = await use(running, secret)
  expect(opened.status).toBe(200)
  const owner = personWith(running.url, { name: 'the owner', response: opened.response })
  expect((await owner.call('GET', '/api/v1/session')).body).toMatchObject({
    canSignOut: true,
    hasAccount: false,
    person: { name: 'Owner of the machine' },
    rights: { administers: 'all' },
  })
  const again = await use(running, secret)
  expect([again.status, again.body.error.code]).toEqual([403, 'invite-invalid'])
})

test('of two browsers that open one link at once, one is let in', async () => {
  await using running = await run()
  const { secret } = await made(running)
  const opened = await Promise.all([use(running, secret), use(running, secret)])
  expect(opened.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403])
})

test('a sign-in link is good for a day', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const [first, second] = [await made(running), await made(running)]
  clock.advance(24 * 3_600_000 - 1)
  expect((await use(running, first.secret)).status).toBe(200)
  clock.advance(1)
  expect((await use(running, second.secret)).body.error.code).toBe('invite-invalid')
})

test('only the admin token itself makes one: a session that was stolen can’t outlive itself by a link', async () => {
  await using running = await run()
  const opened = await use(running, (await made(running)).secret)
  const owner = personWith(running.url, { name: 'the owner', response: opened.response })
  const ada = await running.person('Ada', { isAdmin: true })
  for (const person of [owner, ada]) {
    const refused = await person.call('POST', '/api/v1/session/link')
    expect([refused.status, refused.body.error.message]).toEqual([
      403,
      expect.stringContaining('causeway sign-in-link'),
    ])
  }
})

test('a sign-in link makes no account and is listed among no invitations; an invitation signs nobody in', async () => {
  await using running = await run()
  const { secret } = await made(running)
  const look = await sentTo(running.url, { method: 'POST', path: '/api/v1/person-invites/look', body: { secret } })
  expect(look.body.error.code).toBe('invite-invalid')
  await expect(acceptedBy(running.url, { secret, name: 'Eve' })).rejects.toMatchObject({ code: 'invite-invalid' })
  expect((await running.rest('GET', '/api/v1/person-invites')).body).toEqual([])
  const invitation = await running.rest('POST', '/api/v1/person-invites', { isAdmin: true })
  expect((await use(running, invitation.body.secret)).body.error.code).toBe('invite-invalid')
  expect((await use(running, secret)).status).toBe(200)
})

test('who made and who used a link is in the audit log, without its secret', async () => {
  await using running = await run()
  const { secret } = await made(running)
  await use(running, secret)
  const { entries } = (await running.rest('GET', '/api/v1/audit')).body
  expect(entries).toMatchObject([
    { action: 'signed-in', actor: { name: 'Owner of the machine' }, details: [{ name: 'by', value: 'link' }] },
    { action: 'sign-in-link-made', actor: { name: 'Owner of the machine' } },
  ])
  expect(JSON.stringify(entries)).not.toContain(secret)
})

async function made(running: Running): Promise<{ secret: string; link: string }> {
  return (await running.rest('POST', '/api/v1/session/link')).body
}

function use(running: Running, link: string) {
  return sentTo(running.url, { method: 'POST', path: '/api/v1/session', body: { link } })
}
