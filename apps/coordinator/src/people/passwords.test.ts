import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords()

test('a password fits its own hash, however its letters are composed, and no other', async () => {
  const hash = await passwords.hash('pässword and more')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await passwords.verify('pässword and more', hash)).toBe(true)
  expect(await passwords.verify('password and more', hash)).toBe(false)
  expect(await passwords.verify('', hash)).toBe(false)
})

test('two hashes of one password have nothing in common', async () => {
  const [a, b] = [await passwords.hash('the same'), await passwords.hash('the same')]
  expect(a.split('$').slice(4)).not.toEqual(b.split('$').slice(4))
})

test('where there is no hash, no password fits', async () => {
  expect(await passwords.verify('anything', null)).toBe(false)
  expect(await passwords.verify('', null)).toBe(false)
})

test('a hash of other parameters is still checked by them, and known to be outdated', async () => {
  const weaker = '$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$' + 'A'.repeat(43)
  expect(passwords.isOutdated(weaker)).toBe(true)
  expect(passwords.isOutdated(await passwords.hash('x'))).toBe(false)
  expect(await passwords.verify('x', weaker)).toBe(false)
})

test('many at once wait for their turn, and beyond a bound they are turned away', async () => {
  const cheap = createPasswords({ cost: { memory: 64, passes: 1, parallelism: 1 } })
  const tries = await Promise.allSettled(Array.from({ length: 80 }, () => cheap.verify('x', null)))
  const refused = tries.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(20)
})
