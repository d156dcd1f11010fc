import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeCertificate } from '@causeway/testkit'
import { checkCredentials, nameIn, pinOf } from './credentials.ts'

const NOW = Date.parse('2026-12-01')
const paths = { certPath: '/etc/cert.pem', keyPath: '/etc/key.pem', now: NOW }
const good = await makeCertificate()

test('a key and its certificate are taken, and what nodes pin is the key whatever the certificate', () => {
  expect(checkCredentials(good, paths)).toMatchObject({ key: good.key, cert: good.cert })
  expect(pinOf(good.key)).toBe(good.pin)
})

test('a certificate with its chain behind it is taken', async () => {
  const { cert } = await makeCertificate()
  expect(checkCredentials({ key: good.key, cert: `${good.cert}\n${cert}` }, paths).key).toBe(good.key)
})

const other = await makeCertificate()
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' }).toString()

test.each([
  [
    'a key of another certificate',
    { ...good, key: other.key },
    /key in \/etc\/key.pem does not belong to the certificate in \/etc\/cert.pem/,
  ],
  ['no certificate', { ...good, cert: 'text' }, /\/etc\/cert.pem holds no certificate/],
  ['no key', { ...good, key: 'text' }, /\/etc\/key.pem holds no private key/],
  ['a key behind a passphrase', { ...good, key: locked }, /protected by a passphrase/],
  ['an expired certificate', await makeCertificate({ until: '2026-11-30' }), /expired on 2026-11-30: renew it/],
  ['one from the future', await makeCertificate({ from: '2027-01-01' }), /not valid until 2027-01-01/],
])('%s is refused in words', (_name, files, message) => {
  expect(() => checkCredentials(files, paths)).toThrow(message)
})

test('others are sent to a name that the certificate is for', () => {
  expect(nameIn(good.cert, '127.0.0.1')).toBe('127.0.0.1')
  expect(nameIn(good.cert, '192.168.1.10')).toBe('localhost')
  expect(nameIn(good.cert, 'elsewhere.example')).toBe('localhost')
})
