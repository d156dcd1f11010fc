import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyPinSchema } from './key-pin.ts'
import { formatJoinLink, parseJoinLink } from './join-link.ts'

test('a join link comes back as it was written, whatever the scheme, host and folders', () => {
  const anyLink = fc.record({
    url: fc.constantFrom('http://127.0.0.1:8000', 'https://files.example:8443', 'http://[::1]:9', 'https://a.example'),
    secret: fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/),
    folders: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }),
  })
  fc.assert(fc.property(anyLink, (link) => void expect(parseJoinLink(formatJoinLink(link))).toEqual(link)))
})

test('a link can name the keys that the coordinator may show, where it speaks TLS; one without keys reads as before', () => {
  const pins = ['k'.repeat(43), 'n'.repeat(43)].map((pin) => KeyPinSchema.parse(pin))
  const link = { url: 'https://nas:8000', secret: 'a'.repeat(24), folders: ['work'], pins }
  expect(formatJoinLink(link)).toBe(
    `causeways://nas:8000/join#${link.secret}&folder=work&key=${'k'.repeat(43)}&key=${'n'.repeat(43)}`,
  )
  expect(parseJoinLink(formatJoinLink(link))).toEqual(link)
  expect(parseJoinLink(`causeways://nas:8000/join#${link.secret}&folder=work`)).not.toHaveProperty('pins')
})

test.each([
  ['nothing', ''],
  [
    'a link with a key that would go over plain HTTP',
    `causeway://h:1/join#${'a'.repeat(24)}&folder=x&key=${'k'.repeat(43)}`,
  ],
  ['a link with a key cut short', `causeways://h:1/join#${'a'.repeat(24)}&folder=x&key=${'k'.repeat(42)}`],
  ['another site', 'https://example.org/'],
  ['a link without its secret', 'causeway://127.0.0.1:8000/join#&folder=default'],
  ['a link without a folder', 'causeway://127.0.0.1:8000/join#aaaaaaaaaaaaaaaaaaaaaaaa'],
  ['a link to a folder without a name', 'causeway://127.0.0.1:8000/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=a&folder='],
  ['a host that is none', 'causeway://:99999999/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=x'],
  ['broken percent-encoding', 'causeway://h:1/join#aaaaaaaaaaaaaaaaaaaaaaaa&folder=%E0%A4%A'],
])('%s is no join link', (_name, text) => {
  expect(() => parseJoinLink(text)).toThrow(expect.objectContaining({ code: 'invite-invalid' }))
})
