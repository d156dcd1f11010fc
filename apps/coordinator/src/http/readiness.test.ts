import { openSqliteMetadataStore, type MetadataStore } from '@causeway/store'
import { createVirtualTime } from '@causeway/time'
import { expect, onTestFinished, test } from 'vitest'
import { createDrain } from './drain.ts'
import { createReadiness } from './readiness.ts'

test.each<[string, Partial<Parameters<typeof readinessOf>[0]>, string | null]>([
  ['both stores are there', {}, null],
  [
    'the database fails',
    { read: () => Promise.reject(new Error('at /var/lib: no')) },
    'the database cannot be reached',
  ],
  ['the database does not answer', { read: () => new Promise(() => {}) }, 'the database cannot be reached'],
  ['the packs are elsewhere', { packs: async () => false }, 'the chunk store cannot be reached'],
  ['the packs fail', { packs: () => Promise.reject(new Error('s3')) }, 'the chunk store cannot be reached'],
])('where %s, the answer is plain and tells nothing of the inside', async (_name, faults, expected) => {
  const { readiness, time } = await readinessOf(faults)
  const obstacle = readiness.obstacle()
  // What answers at all does so before any time has passed.
  await new Promise((resolve) => setImmediate(resolve))
  time.advance(3_000)
  expect(await obstacle).toBe(expected)
})

test('the stores are asked once, however many ask; and again a moment later', async () => {
  let asked = 0
  const { readiness, time } = await readinessOf({ packs: async () => (asked += 1) > 0 })
  await Promise.all(Array.from({ length: 50 }, () => readiness.obstacle()))
  expect(asked).toBe(1)
  time.advance(1_000)
  await readiness.obstacle()
  expect(asked).toBe(2)
})

test('a coordinator that drains is not ready at once, whatever was answered before', async () => {
  const { readiness, drain } = await readinessOf({})
  expect(await readiness.obstacle()).toBeNull()
  drain.begin()
  expect(await readiness.obstacle()).toBe('this coordinator is stopping')
})

async function readinessOf({
  read,
  packs = async () => true,
}: {
  read?: MetadataStore['read']
  packs?: () => Promise<boolean>
}) {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  const time = createVirtualTime()
  const drain = createDrain()
  const { timers } = time.process()
  const readiness = createReadiness({
    metadata: { read: read ?? metadata.read.bind(metadata) },
    packsAreInPlace: packs,
    drain,
    timers,
  })
  return { readiness, time, drain }
}
