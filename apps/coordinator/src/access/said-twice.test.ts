import { expect, test } from 'vitest'
import { saidTwice } from './said-twice.ts'

test.each([
  [['Host', 'a', 'Cookie', 'x', 'cookie', 'y'], null],
  [['Host', 'a', 'HOST', 'a'], 'host'],
  [['Host', 'a', 'Authorization', 'Bearer x', 'authorization', 'Bearer x'], 'authorization'],
  [['Origin', 'http://a', 'X', 'origin', 'Origin', 'http://b'], 'origin'],
  [['X', 'host', 'Host', 'host'], null],
  [[], null],
])('of the headers %j, %s is there twice', (headers, name) => {
  expect(saidTwice(headers)).toBe(name)
})
