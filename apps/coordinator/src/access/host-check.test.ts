import { expect, test } from 'vitest'
import { createHostCheck, isLoopback } from './host-check.ts'

const check = createHostCheck(['Files.Example', 'fd00::1'])

test.each([
  ['localhost:8000', undefined, true],
  ['LOCALHOST', undefined, true],
  ['[::1]:8000', undefined, true],
  ['files.example', undefined, true],
  ['[fd00::1]:1', undefined, true],
  ['192.168.1.5:8000', '192.168.1.5', true],
  ['192.168.1.5:8000', '::ffff:192.168.1.5', true],
  ['192.168.1.5:8000', '10.0.0.1', false],
  ['evil.example', '192.168.1.5', false],
  ['files.example.evil.example', undefined, false],
  ['localhost@evil.example', undefined, false],
  ['', undefined, false],
  [undefined, '127.0.0.1', false],
])('the host %s of a connection to %s: %s', (host, local, allowed) => {
  expect(check.host(host, local)).toBe(allowed)
})

test.each([
  [undefined, 'localhost:1', true],
  ['http://localhost:1', 'localhost:1', true],
  ['http://localhost:2', 'localhost:1', false],
  ['http://localhost', 'localhost:1', false],
  ['null', 'localhost:1', false],
  ['http://localhost:1', undefined, false],
])('the origin %s at %s: %s', (origin, host, allowed) => {
  expect(check.origin(origin, host)).toBe(allowed)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['127.0.0.1.example', false],
  ['192.168.0.1', false],
])('%s is loopback: %s', (address, loopback) => {
  expect(isLoopback(address)).toBe(loopback)
})
