import { zstdCompressSync } from 'node:zlib'
import { LINK_VERSION, PACKED, PLAIN, encode } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { unpackSocketMessage } from './socket-message.ts'

const welcome = { kind: 'welcome', version: LINK_VERSION, coordinator: 'one', node: 'atlas' }

test.each([
  ['plain', Buffer.concat([Buffer.from([PLAIN]), encode(welcome)])],
  ['packed', Buffer.concat([Buffer.from([PACKED]), zstdCompressSync(encode(welcome))])],
])('a %s message is read', (_name, bytes) => {
  expect(unpackSocketMessage(bytes)).toEqual(welcome)
})

test.each([
  ['an empty message', Buffer.alloc(0), /unknown kind/],
  ['an unknown mark', Buffer.from([7, 1, 2]), /unknown kind/],
  [
    'a frame that is cut short',
    Buffer.concat([Buffer.from([PACKED]), zstdCompressSync(encode(welcome)).subarray(0, 9)]),
    /does not inflate/,
  ],
  [
    'a packed page',
    Buffer.concat([Buffer.from([PACKED]), zstdCompressSync(Buffer.from('<html>'))]),
    /is not CBOR|message itself/,
  ],
  [
    'a small frame that inflates to much',
    Buffer.concat([Buffer.from([PACKED]), zstdCompressSync(new Uint8Array(8 * 1024 * 1024))]),
    /does not inflate/,
  ],
])('%s is refused', (_name, bytes, why) => {
  expect(() => unpackSocketMessage(bytes)).toThrow(why)
})
