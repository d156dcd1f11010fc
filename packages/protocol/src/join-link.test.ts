import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatJoinLink, parseJoinLink } from './join-link.ts'

test('a join link comes back as it was written, whatever the scheme, host and folders', () => {
  const anyLink = fc.record({
    url: fc.constantFrom('http://127.0.0.1:8000', 'https://files.example:8443', 'http://[::1]:9', 'https://a.example'),
    secret: fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/),
    folders: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }),
  })
  fc.assert(fc.property(anyLink, (link) => void expect(parseJoinLink(formatJoinLink(link))).toEqual(link)))
})

test.each([
  ['nothing', ''],
  ['another site', 'https://example.org/'],
  ['a link without its secret', 'causeway://127.0.0.1:8000/join#&folder=default'],
  ['a link without a folder', 'causeway://127.0.0.1:8000/join#aaaaaaaaaaaaaaaaaaaaaaaa'],
  ['a link to a folder without a name', 'causeway://127.0.0.1:8000/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=a&folder='],
  ['a host that is none', 'causeway://:99999999/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=x'],
  ['broken percent-encoding', 'causeway://h:1/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=%E0%A4%A'],
])('%s is no join link', (_name, text) => {
  expect(() => parseJoinLink(text)).toThrow(expect.objectContaining({ code: 'invite-invalid' }))
})
