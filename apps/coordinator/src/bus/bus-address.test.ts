import { expect, test } from 'vitest'
import { busAddress } from './bus-address.ts'

test.each([
  ['nats://bus.example', { servers: ['bus.example:4222'], credentials: undefined, tls: undefined }],
  ['nats://[::1]:4000/', { servers: ['[::1]:4000'] }],
  ['nats://ada:p%40ss@bus', { credentials: { user: 'ada', pass: 'p@ss' } }],
  ['nats://t0ken@bus:1', { servers: ['bus:1'], credentials: { token: 't0ken' } }],
  ['tls://bus', { tls: {} }],
  ['tls://bus?ca=/etc/ca.pem&cert=c&key=k', { tls: { caFile: '/etc/ca.pem', certFile: 'c', keyFile: 'k' } }],
  ['nats://a,nats://ada:word@b:5', { servers: ['a:4222', 'b:5'], credentials: { user: 'ada', pass: 'word' } }],
])('%s is read as it was meant', (text, expected) => {
  expect(busAddress(text)).toMatchObject(expected)
})

test('its name for people has no password and no token', () => {
  expect(busAddress('tls://ada:secret@a:1,tls://b?ca=f').name).toBe('tls://a:1,tls://b:4222')
  expect(busAddress('nats://secret@a').name).toBe('nats://a:4222')
})

test.each([
  'http://ada:secret@bus',
  'ada:secret@bus',
  'nats://ada:secret@',
  'nats://ada:secret@bus/subject',
  'nats://ada:secret@a,tls://b',
  'nats://ada:secret%@bus',
  'nats://ada:secret@bus?tls=1',
  'nats://ada:secret@bus?ca=file',
  'tls://ada:secret@bus?ca=',
])('%s is refused without its password', (text) => {
  const read = () => busAddress(text)
  expect(read).toThrow(expect.objectContaining({ code: 'bad-request' }))
  expect(read).not.toThrow('secret')
})
