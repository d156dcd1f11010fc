import { expect, test } from 'vitest'
import { plainAnswer, SPEAKS_TLS } from './plain-on-tls.ts'

const BROWSER = 'accept: text/html,application/xhtml+xml;q=0.9'

function head(request: string, ...headers: string[]): string {
  return [request, ...headers, '', ''].join('\r\n')
}

test('a browser is led to the same address with https', () => {
  const answer = plainAnswer(head('GET /files?q=1 HTTP/1.1', 'Host: nas.local:8000', BROWSER))
  expect(answer).toMatch(/^HTTP\/1\.1 307 /)
  expect(answer).toContain('\r\nlocation: https://nas.local:8000/files?q=1\r\n')
})

test.each([
  ['a program', head('GET /health HTTP/1.1', 'host: nas', 'accept: application/json')],
  ['a node', head('POST /link/v1/challenge HTTP/1.1', 'host: nas:8000', 'accept: application/json')],
  ['a form', head('POST / HTTP/1.1', 'host: nas:8000', BROWSER)],
  ['a browser that names no host', head('GET / HTTP/1.1', BROWSER)],
  ['a host that is none', head('GET / HTTP/1.1', 'host: a/../b?x', BROWSER)],
  ['a host with a user before it', head('GET / HTTP/1.1', 'host: nas@evil.example', BROWSER)],
  ['an address of another site', head('GET http://evil.example/ HTTP/1.1', 'host: nas', BROWSER)],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['half a request', 'GE'],
])('%s is told in words that the port speaks TLS', (_name, request) => {
  const answer = plainAnswer(request)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  const [, body = ''] = answer.split('\r\n\r\n')
  expect(JSON.parse(body)).toEqual({ error: { code: 'offline', message: SPEAKS_TLS } })
  expect(answer).toContain(`content-length: ${Buffer.byteLength(body)}\r\n`)
})
