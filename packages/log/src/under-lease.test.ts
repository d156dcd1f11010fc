import { expect, test } from 'vitest'
import { createLeases, openSqliteMetadataStore, type Leases, type MetadataStore } from '@causeway/store'
import { systemRandom, systemTimers } from '@causeway/time'
import { underLease } from './under-lease.ts'

const NEVER = new AbortController().signal

test('of two coordinators one does the work, and the other may once it is done', async () => {
  await using metadata = await openedStore()
  const [ash, birch] = [0, 1].map(() =>
    underLease(
      { metadata, timers: systemTimers, random: systemRandom },
      { name: 'upkeep', leases: leasesOf(metadata) },
    ),
  )
  const inside = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const first = ash?.run(async () => {
    inside.resolve()
    await done.promise
  }, NEVER)
  await inside.promise
  expect(await birch?.run(async () => expect.unreachable(), NEVER)).toBe(false)
  done.resolve()
  expect(await first).toBe(true)
  expect(await birch?.run(async () => {}, NEVER)).toBe(true)
})

test('work that fails leaves the lease to the next', async () => {
  await using metadata = await openedStore()
  const lease = underLease(
    { metadata, timers: systemTimers, random: systemRandom },
    { name: 'upkeep', leases: leasesOf(metadata) },
  )
  const failing = lease.run(() => Promise.reject(new Error('no')), NEVER)
  await expect(failing).rejects.toThrow('no')
  expect(await lease.run(async () => {}, NEVER)).toBe(true)
})

test('who was succeeded in the middle of the work is told to stop', async () => {
  await using metadata = await openedStore()
  const leases: Leases = { ...leasesOf(metadata), renew: async () => false }
  const lease = underLease(
    { metadata, timers: systemTimers, random: systemRandom },
    { name: 'upkeep', leases, ttlMs: 8 },
  )
  let isTold = false
  await lease.run(async (_own, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    isTold = signal.aborted
  }, NEVER)
  expect(isTold).toBe(true)
})

function leasesOf(metadata: MetadataStore): Leases {
  return createLeases(metadata, () => 0)
}

async function openedStore() {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}
