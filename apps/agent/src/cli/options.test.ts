import { expect, test } from 'vitest'
import { parseBytes, parsePeers } from './options.ts'

test.each([
  ['0', 0],
  ['1048576', 1_048_576],
  ['64K', 65_536],
  ['512M', 536_870_912],
  ['2g', 2_147_483_648],
  ['1T', 1_099_511_627_776],
])('%s are %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test.each(['', 'M', '1.5G', '-1', '1 G', '1GB', '999999999999999T'])('%j is no size', (text) => {
  expect(() => parseBytes(text)).toThrow('must be a number of bytes')
})

test.each([
  ['7777', { port: 7777 }],
  ['0', { port: 0 }],
  ['10.0.0.7:80', { host: '10.0.0.7', port: 80 }],
  ['[fd00::7]:80', { host: 'fd00::7', port: 80 }],
  ['off', null],
])('%s is where to give chunks', (text, where) => {
  expect(parsePeers(text)).toEqual(where)
})

test.each(['', 'on', '10.0.0.7', 'fd00::7:80', ':80', '1:2:3', '10.0.0.7:65536'])(
  '%j is nowhere to give chunks',
  (text) => {
    expect(() => parsePeers(text)).toThrow('must be a port')
  },
)
