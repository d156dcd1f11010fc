import { expect, test } from 'vitest'
import { foreignAnswer, OTHER_KEY, unreachableReason } from './unreachable.ts'

const URL = 'http://nas.local:8000'

function thrown(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.1:8000`), { code })
}

test.each([
  ['is down', URL, 'ECONNREFUSED', /nas\.local:8000 is down: nothing listens there/],
  ['has a name that nobody knows', URL, 'ENOTFOUND', /no machine is called nas\.local/],
  ['lies in another network', URL, 'EHOSTUNREACH', /cannot be reached from this machine/],
  ['does not answer', URL, 'UND_ERR_CONNECT_TIMEOUT', /did not answer in time.*firewall/],
  ['goes silent', URL, 'UND_ERR_HEADERS_TIMEOUT', /took the connection and then said nothing/],
  ['hangs up', URL, 'ECONNRESET', /closed the connection.*expects TLS/],
  ['is another program', URL, 'HPE_INVALID_CONSTANT', /is not Causeway, or expects TLS/],
  ['speaks no TLS', 'https://nas.local:8000', 'ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
  ['shows another key', 'https://nas.local:8000', OTHER_KEY, /does not have the key that this node was given/],
  ['has a certificate of nobody’s', 'https://nas.local', 'DEPTH_ZERO_SELF_SIGNED_CERT', /is not trusted here/],
  ['has an old certificate', 'https://nas.local', 'CERT_HAS_EXPIRED', /has expired/],
])('a coordinator that %s is told in words of its own', (_name, url, code, words) => {
  const told = unreachableReason(url, thrown(code))
  expect(told).toMatch(words)
  expect(told).not.toMatch(/\bE[A-Z]{3,}\b|UND_ERR|HPE_/)
})

test('an answer that is no HTTP at all is told as such, also where its error has no code', () => {
  const error = Object.assign(new Error('Response does not match the HTTP/1.1 protocol'), { name: 'HTTPParserError' })
  expect(unreachableReason(URL, error)).toContain('is not Causeway, or expects TLS')
})

test('the cause is found behind what fetch and several addresses hide it in', () => {
  const all = new AggregateError([thrown('ECONNREFUSED'), thrown('ECONNREFUSED')])
  const failed = new TypeError('fetch failed', { cause: all })
  expect(unreachableReason(`${URL}/api`, failed)).toContain('nas.local:8000 is down')
  expect(unreachableReason(URL, new TypeError('Failed to fetch'))).toContain('does not answer')
})

test('an answer that no coordinator gives names what may be wrong: the port, TLS, or what is behind a proxy', () => {
  expect(foreignAnswer(URL, 404)).toBe(
    'what answers at nas.local:8000 is not Causeway (status 404): check address and port',
  )
  expect(foreignAnswer(URL, 400)).toContain('https: or causeways:')
  expect(foreignAnswer(URL, 502)).toContain('the coordinator behind it does not')
})
