import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { KeyPinSchema } from '@causeway/protocol'
import type { ServedTls } from '../ports/served-tls.ts'
import { meetingPoint } from './meeting-point.ts'

const pin = KeyPinSchema.parse('k'.repeat(43))

test('a link leads to where the request came, with the key that the machine will find there', () => {
  expect(meetingPoint(asked('https', 'nas:8000'), undefined, made)).toEqual({ url: 'https://nas:8000', pins: [pin] })
  expect(meetingPoint(asked('https', '[::1]:8000'), undefined, made)).toEqual({
    url: 'https://[::1]:8000',
    pins: [pin],
  })
})

test('a link leads to the address that was wanted instead', () => {
  const at = meetingPoint(asked('https', '127.0.0.1:8000'), 'https://nas.example:9', made)
  expect(at).toEqual({ url: 'https://nas.example:9', pins: [pin] })
})

test('what a trusted proxy passed on leads to the proxy, and its key is not ours', () => {
  const through = { ...asked('https', 'files.example'), ips: ['127.0.0.1', '10.0.0.9'] }
  expect(meetingPoint(through, undefined, made)).toEqual({ url: 'https://files.example' })
})

test('without TLS there is no key', () => {
  const plain = { ...asked('http', 'nas:8000'), raw: { socket: new Socket() } }
  expect(meetingPoint(plain, undefined, undefined)).toEqual({ url: 'http://nas:8000' })
  expect(meetingPoint(asked('https', 'nas:8000'), 'http://nas:8000', made)).toEqual({ url: 'http://nas:8000' })
})

test("the owner's certificate names where the link leads, and nothing is pinned", () => {
  const own: ServedTls = {
    ...made,
    kind: 'own',
    pins: { ...made.pins, current: () => [] },
    nameFor: () => 'files.example',
  }
  expect(meetingPoint(asked('https', '192.168.1.10:8000'), undefined, own)).toEqual({
    url: 'https://files.example:8000',
  })
})

const made: ServedTls = {
  kind: 'made',
  credentials: { key: '', cert: '' },
  pins: { current: () => [pin], subscribe: () => () => undefined },
  subscribe: () => () => undefined,
  nameFor: (name) => name,
  rotation: null,
}

function asked(protocol: 'http' | 'https', host: string) {
  return { protocol, host, raw: { socket: new TLSSocket(new Socket()) } }
}
