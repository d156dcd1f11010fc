import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAllowed, licencesIn } from './supply/licences.ts'

const LOCK = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')

test('every package is under a licence that may be used where it is', () => {
  const all = licencesIn(LOCK)
  expect(all.length).toBeGreaterThan(500)
  expect(all.filter((one) => !isAllowed(one))).toEqual([])
})

test.each([
  ['MIT', false, true],
  ['(MIT OR GPL-3.0)', false, true],
  ['(MIT AND GPL-3.0)', false, false],
  ['GPL-3.0', false, false],
  ['GPL-3.0', true, false],
  ['MPL-2.0', true, true],
  ['MPL-2.0', false, false],
  ['SEE LICENSE IN LICENSE', false, false],
  [null, true, false],
])('a package under %s, as a tool: %s, is allowed: %s', (licence, isTool, expected) => {
  expect(isAllowed({ licence, isTool })).toBe(expected)
})

test('a binary for one system has the licence of the package that asks for it, and of no other', () => {
  const packages = {
    '': { name: 'ours' },
    'node_modules/whole': { version: '1.0.0', license: 'ISC', optionalDependencies: { '@whole/linux': '1.0.0' } },
    'node_modules/@whole/linux': { version: '1.0.0' },
    'node_modules/a/node_modules/unknown': { version: '2.0.0', dev: true },
    'node_modules/@causeway/log': { link: true },
  }
  expect(licencesIn(JSON.stringify({ packages }))).toEqual([
    { name: '@whole/linux', version: '1.0.0', licence: 'ISC', isTool: false },
    { name: 'unknown', version: '2.0.0', licence: null, isTool: true },
    { name: 'whole', version: '1.0.0', licence: 'ISC', isTool: false },
  ])
})
