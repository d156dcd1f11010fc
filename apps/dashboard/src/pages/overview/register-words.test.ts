import { expect, test } from 'vitest'
import { idOf, listed } from './register-words.ts'

test.each([
  ['Front desk', 'front-desk'],
  ['  Käthe’s PC ', 'k-the-s-pc'],
  ['ash', 'ash'],
  ['…', ''],
])('the name %j gives the id %j', (name, id) => {
  expect(idOf(name)).toBe(id)
})

test('directories are what stands between commas', () => {
  expect(listed(' /srv/a, /srv/b ,,')).toEqual(['/srv/a', '/srv/b'])
})
