import { isSyncError } from '@causeway/protocol'
import { openSqliteMetadataStore } from '@causeway/store'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { handClock } from '../test-support/running.ts'
import { createLoginBrake, waitOf, type Attempt } from './login-brake.ts'

const ALLOWANCE = { free: 5, mostWaitMs: 60_000 }
const ada = (address = '192.0.2.1'): Attempt => ({ name: 'ada', address })

test('the first attempts are free; then each one makes the next wait longer, up to a bound', () => {
  const wait = (count: number) => waitOf({ count, lastAt: new Date(0).toISOString() }, ALLOWANCE, 0)
  expect([0, 4, 5, 6, 7, 8].map(wait)).toEqual([0, 0, 1000, 2000, 4000, 8000])
  expect(wait(500)).toBe(60_000)
})

test('nobody waits longer than the bound, whatever the clock says', () => {
  const attempts = fc.record({
    count: fc.nat(10_000),
    lastMs: fc.integer({ min: 0, max: 1e12 }),
    now: fc.integer({ min: 0, max: 1e12 }),
  })
  fc.assert(
    fc.property(attempts, ({ count, lastMs, now }) => {
      const waitMs = waitOf({ count, lastAt: new Date(lastMs).toISOString() }, ALLOWANCE, now)
      return waitMs >= 0 && waitMs <= ALLOWANCE.mostWaitMs
    }),
    { seed: 12 },
  )
})

test('a thousand attempts at once are counted before any is checked, at two coordinators together', async () => {
  await using them = await brakes()
  const admitted = await Promise.all(Array.from({ length: 100 }, (_, index) => passes(them.brakes[index % 2], ada())))
  expect(admitted.filter(Boolean)).toHaveLength(5)
})

test('who waits long enough may try again; one that was right forgets what counted against the name', async () => {
  await using them = await brakes()
  const [brake] = them.brakes
  for (let attempt = 0; attempt < 5; attempt++) await brake.admit(ada())
  expect(await passes(brake, ada())).toBe(false)
  them.clock.advance(1_000)
  expect(await passes(brake, ada())).toBe(true)
  expect(await passes(brake, ada())).toBe(false)
  await them.store.write((tx) => brake.forgive(tx, ada()))
  expect(await passes(brake, ada())).toBe(true)
})

test('somebody who guesses at a name from elsewhere does not keep its owner out for long', async () => {
  await using them = await brakes()
  const [brake] = them.brakes
  let refused = 0
  for (let at = 0; at < 200; at++) if (!(await passes(brake, ada(`198.51.${at}.7`)))) refused++
  expect(refused).toBeGreaterThan(0)
  them.clock.advance(30_000)
  expect(await passes(brake, ada())).toBe(true)
})

test('one network that tries many names is held up, and its own account does not help it', async () => {
  await using them = await brakes()
  const [brake] = them.brakes
  let admitted = 0
  for (let at = 0; at < 100; at++) {
    if (await passes(brake, { name: `name ${at}`, address: `2001:db8:0:1::${at}` })) admitted++
    if (!(await passes(brake, { name: 'mine', address: '2001:db8:0:1::1' }))) continue
    await them.store.write((tx) => brake.forgive(tx, { name: 'mine', address: '2001:db8:0:1::1' }))
  }
  expect(admitted).toBe(30)
})

async function brakes() {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  const clock = handClock()
  const create = () => createLoginBrake({ metadata: store, clock })
  const both = [create(), create()] as const
  return { store, clock, brakes: both, [Symbol.asyncDispose]: () => store.close() }
}

async function passes(brake: ReturnType<typeof createLoginBrake> | undefined, attempt: Attempt): Promise<boolean> {
  try {
    await brake?.admit(attempt)
    return true
  } catch (error) {
    if (isSyncError(error, 'too-many-requests')) return false
    throw error
  }
}
