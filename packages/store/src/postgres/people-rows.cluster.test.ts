import { PersonIdSchema } from '@causeway/protocol'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { minutes, NOON } from '../conformance/fixtures.ts'
import { personRow } from '../conformance/metadata/people-cases.ts'
import type { MetadataStore, MetadataWriter } from '../metadata-store.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

let a: MetadataStore
let b: MetadataStore

beforeEach(async () => {
  const url = freshSchema()
  a = await openPostgresMetadataStore({ url })
  b = await openPostgresMetadataStore({ url })
  const [one, two] = [a, b]
  onTestFinished(async () => void (await Promise.all([one.close(), two.close()])))
})

test('an attempt that another coordinator counts meanwhile is counted too', async () => {
  const counted = await meanwhile((tx, at) => tx.signIns.addAttempt('ada', minutes(at), NOON))
  expect(counted.map(({ count }) => count)).toEqual([2, 1])
  expect(await a.read((tx) => tx.signIns.attempts('ada'))).toEqual({ count: 2, lastAt: minutes(1) })
})

test('what is good once is used by one of two coordinators', async () => {
  expect(await meanwhile((tx) => tx.signIns.useOnce('nonce', minutes(1), NOON))).toEqual([false, true])
})

test('of two people who are put at once under one name, the first stays', async () => {
  const put = (tx: MetadataWriter, at: number) => tx.people.put(personRow({ id: PersonIdSchema.parse(`person-${at}`) }))
  expect(await meanwhile(put)).toEqual([false, true])
  expect((await a.read((tx) => tx.people.all())).map(({ id }) => id)).toEqual(['person-1'])
})

test('of sessions that begin at once there are no more than there may be', async () => {
  const begin = (tx: MetadataWriter, at: number) => {
    const used = { createdAt: NOON, lastUsedAt: minutes(at), expiresAt: minutes(60), idleMs: 3_600_000 }
    const subject = { kind: 'owner' } as const
    return tx.signIns.putSession({ tokenHash: `session ${at}`, subject, ...used, userAgent: '', address: '' }, 1)
  }
  await meanwhile(begin)
  const left = await a.read((tx) => tx.signIns.sessions({ kind: 'owner' }))
  expect(left.map(({ tokenHash }) => tokenHash)).toEqual(['session 1'])
})

/** Does `work` (0) in a write that has seen the database before it is done (1) in one of the other handle. */
async function meanwhile<T>(work: (tx: MetadataWriter, at: number) => Promise<T>): Promise<[T, T]> {
  let other: Promise<T> | undefined
  const own = await a.write(async (tx) => {
    await tx.setting('any')
    other ??= b.write((its) => work(its, 1))
    await other
    return work(tx, 0)
  })
  if (other === undefined) throw new Error('the write did not run')
  return [own, await other]
}
