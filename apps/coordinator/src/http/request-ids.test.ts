import { systemRandom } from '@causeway/time'
import { expect, test } from 'vitest'
import { run } from '../test-support/running.ts'
import { createRequestIds } from './request-ids.ts'

const MADE = /^[0-9a-f]{16}$/

test.each([
  ['a trusted proxy', ['10.0.0.0/8'], '10.1.2.3', 'edge-7f.1', 'edge-7f.1'],
  ['a trusted proxy over IPv6', ['::1', '10.0.0.1'], '::ffff:10.0.0.1', 'a', 'a'],
  ['a stranger', ['10.0.0.0/8'], '192.0.2.7', 'edge-7f.1', MADE],
  ['anybody where no proxy is trusted', [], '127.0.0.1', 'edge-7f.1', MADE],
  ['a trusted proxy that passes on a line break', ['10.0.0.1'], '10.0.0.1', 'a\nlevel=error', MADE],
  ['a trusted proxy that passes on too much', ['10.0.0.1'], '10.0.0.1', 'a'.repeat(65), MADE],
])('the name that %s gives is taken or not', (_who, trusted, remoteAddress, given, expected) => {
  const idOf = createRequestIds(trusted, systemRandom)
  const socket = Object.assign(Object.create(null), { remoteAddress })
  expect(idOf({ headers: { 'x-request-id': given }, socket })).toMatch(expected)
})

test('every answer carries its own name, refusals and pages that are not there included', async () => {
  await using running = await run()
  const ids = await Promise.all(
    ['/healthz', '/api/v1/folders', '/nowhere', '/'].map(async (path) => {
      const answer = await fetch(running.url + path, { headers: { 'x-request-id': 'mine' } })
      return answer.headers.get('x-request-id')
    }),
  )
  for (const id of ids) expect(id).toMatch(MADE)
  expect(new Set(ids).size).toBe(ids.length)
})

test('what is logged while a request is answered carries its name, and no query', async () => {
  const logged: { details: object; message: string; id: string | undefined }[] = []
  await using running = await run({ trustedProxies: ['127.0.0.1'], logged: (line) => logged.push(line) })
  await fetch(`${running.url}/api/v1/folders?secret=hush`, { headers: { 'x-request-id': 'edge-1' } })
  const answered = logged.filter(({ message }) => message === 'answered a request')
  expect(answered).toMatchObject([{ id: 'edge-1', details: { method: 'GET', path: '/api/v1/folders', status: 401 } }])
  expect(JSON.stringify(logged)).not.toContain('hush')
})
