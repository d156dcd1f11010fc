import type { AuditEntry, HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { AUDITED } from '../http/audit-hook.ts'
import { ADMIN_TOKEN, PASSWORD, run, sentTo, type Running } from '../test-support/running.ts'
import { routesOf } from '../test-support/routes.ts'

/** Noted in the very write that does it. */
const NOTED_BY_SERVICES = [
  'POST /api/v1/session',
  'DELETE /api/v1/session',
  'POST /api/v1/session/link',
  'POST /api/v1/account/password',
  'DELETE /api/v1/account/sessions',
  'DELETE /api/v1/account/sessions/:id',
  'POST /api/v1/account/tokens',
  'DELETE /api/v1/account/tokens/:id',
  'DELETE /api/v1/account/token',
  'PATCH /api/v1/people/:person',
  'DELETE /api/v1/people/:person',
  'POST /api/v1/people/:person/password-link',
  'POST /api/v1/person-invites',
  'DELETE /api/v1/person-invites/:id',
  'POST /api/v1/person-invites/accept',
]

/** Told by the history of the folder, which says who did it; or changing nothing. */
const NOT_AUDITED = [
  'POST /api/v1/person-invites/look',
  'POST /api/files/upload',
  'POST /api/v1/folders/:folder/uploads',
  'POST /api/v1/folders/:folder/uploads/chunks',
  'POST /api/v1/folders/:folder/uploads/missing',
  'POST /api/v1/folders/:folder/entries/make-directory',
  'POST /api/v1/folders/:folder/entries/move',
  'POST /api/v1/folders/:folder/entries/everything/count',
  'POST /api/v1/folders/:folder/entries/everything/move',
  'POST /api/v1/folders/:folder/conflicts/:copy/reopen',
  'POST /api/v1/folders/:folder/members/:node/decline',
]

test('every route by which people change something is in the audit log, or is known not to be', async () => {
  await using running = await run()
  const changing = routesOf(running.app).filter((route) => !/^(GET|HEAD|OPTIONS) |\/link\//.test(route))
  expect(changing.toSorted()).toEqual([...Object.keys(AUDITED), ...NOTED_BY_SERVICES, ...NOT_AUDITED].toSorted())
})

test('who did what from where is there, newest first, and nothing secret is in it', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  await sentTo(running.url, {
    method: 'POST',
    path: '/api/v1/session',
    body: { name: 'Ada', password: 'a wrong password' },
  })
  await sentTo(running.url, {
    method: 'POST',
    path: '/api/v1/session',
    body: { name: 'the password itself', password: 'x' },
  })
  await ada.call('POST', '/api/v1/folders', { name: 'Photos' })
  await ada.call('PATCH', '/api/v1/folders/photos', { settings: { keepAllDays: 7 } })
  const eve = await running.person('Eve', { roles: { photos: 'viewer' } })
  const { token } = (await ada.call('POST', '/api/v1/account/tokens', { name: 'backup', scope: 'read' })).body
  await running.enrol('laptop')
  await eve.call('PATCH', '/api/v1/folders/photos', { name: 'Mine' })
  const entries = await auditOf(running)
  expect(entries.map(({ action, actor, object }) => [action, actor.name, object]).toReversed()).toEqual([
    ['person-invited', 'Owner of the machine', ''],
    ['person-joined', 'Ada', 'Ada'],
    ['sign-in-failed', 'Ada', ''],
    ['sign-in-failed', 'an unknown name', ''],
    ['folder-created', 'Ada', 'photos'],
    ['folder-changed', 'Ada', 'photos'],
    ['person-invited', 'Owner of the machine', ''],
    ['person-joined', 'Eve', 'Eve'],
    ['token-made', 'Ada', 'backup'],
    ['node-invited', 'Owner of the machine', ''],
    ['node-joined', 'laptop', expect.stringMatching(/^laptop-/)],
  ])
  expect(new Set(entries.map(({ from }) => from))).toEqual(new Set(['127.0.0.1']))
  const text = JSON.stringify(entries)
  for (const secret of [token, ada.token, eve.token, ADMIN_TOKEN, PASSWORD, 'the password itself'])
    expect(text).not.toContain(secret)
  expect(entries.find(({ action }) => action === 'folder-changed')?.details).toEqual([
    { name: 'settings', value: '{"keepAllDays":7}' },
  ])
})

test('it can be narrowed down and read page by page, by admins alone', async () => {
  await using running = await run()
  const ada = await running.person('Ada', { isAdmin: true })
  for (const name of ['One', 'Two', 'Three']) await ada.call('POST', '/api/v1/folders', { name })
  const { id } = (await ada.call('GET', '/api/v1/session')).body.person
  const page = await auditOf(running, `?actor=${id}&action=folder-created&limit=2`)
  expect(page.map(({ object }) => object)).toEqual(['three', 'two'])
  const rest = await auditOf(running, `?action=folder-created&before=${page.at(-1)?.position}`)
  expect(rest.map(({ object }) => object)).toEqual(['one'])
  const eve = await running.person('Eve', { roles: { one: 'editor' } })
  for (const path of ['/api/v1/audit', '/api/v1/audit/export']) expect((await eve.call('GET', path)).status).toBe(403)
})

test('all of it can be had as lines of JSON or as a table, in which no name becomes a formula', async () => {
  await using running = await run()
  const ada = await running.person('=HYPERLINK("evil")', { isAdmin: true })
  for (let at = 0; at < 3; at++) await ada.call('POST', '/api/v1/folders', { name: `Folder ${at}` })
  const lines = (await ada.call('GET', '/api/v1/audit/export')).body
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line))
  expect(lines.map(({ action }: AuditEntry) => action)).toEqual([
    'audit-exported',
    ...Array.from({ length: 3 }, () => 'folder-created'),
    'person-joined',
    'person-invited',
  ])
  const table = await ada.call('GET', '/api/v1/audit/export?format=csv')
  expect(table.response.headers.get('content-disposition')).toContain('audit.csv')
  const rows = table.body.trim().split('\r\n')
  expect(rows[0]).toBe('"position","at","actor kind","actor id","actor","action","object","from","details"')
  expect(rows).toHaveLength(8)
  expect(table.body).toContain(`"'=HYPERLINK(""evil"")"`)
  expect(table.body).not.toMatch(/(^|,)"=/m)
})

test('a lost device is cut off, and what it held is told', async () => {
  await using running = await run()
  const laptop = await running.enrol('laptop')
  await running.enrol('desktop')
  await laptop.save('plans', 'of the year', 1)
  const joins: HistoryEvent[] = (await running.rest('GET', '/api/v1/events?kinds=join')).body.events
  const joined = joins.find(({ reason }) => reason.startsWith('laptop '))
  expect(joined).toBeDefined()
  const socket = await laptop.socket()
  const told = await running.rest('POST', `/api/v1/nodes/${laptop.id}/lost`)
  expect(told.body).toMatchObject({
    node: laptop.id,
    name: 'laptop',
    folders: [
      { folder: 'default', name: 'default', access: 'read-write', since: joined?.at, head: 1, files: 1, bytes: 11 },
    ],
  })
  expect(await socket.closed).toBe(4403)
  expect((await laptop.call('changes', new Uint8Array())).status).toBe(401)
  expect(await auditOf(running, '?action=device-lost')).toMatchObject([{ object: laptop.id, actor: { id: 'owner' } }])
  expect((await running.rest('POST', `/api/v1/nodes/${laptop.id}/lost`)).status).toBe(404)
})

async function auditOf(running: Running, query = ''): Promise<AuditEntry[]> {
  return (await running.rest('GET', `/api/v1/audit${query}`)).body.entries
}
