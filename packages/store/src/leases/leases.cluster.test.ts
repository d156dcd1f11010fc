import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { leasesConformance } from '../conformance/leases-conformance.ts'
import { openPostgresMetadataStore } from '../postgres/open-postgres-metadata-store.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { startScript } from '../testing/run-script.ts'
import { createLeases } from './leases.ts'

const SCRIPT = new URL('../testing/hold-lease.ts', import.meta.url)

leasesConformance('PostgreSQL', async () => {
  const url = freshSchema()
  const [a, b] = [await openPostgresMetadataStore({ url }), await openPostgresMetadataStore({ url })]
  let now = 0
  return {
    ash: createLeases(a, () => 0),
    birch: createLeases(b, () => now),
    pass: (ms) => void (now += ms),
    close: async () => void (await Promise.all([a.close(), b.close()])),
  }
})

test('of two processes that find a lease free at once, one gets it, and the other succeeds it once it is killed', async () => {
  const url = freshSchema()
  const store = await openPostgresMetadataStore({ url })
  const leases = createLeases(store, () => performance.now())
  const holders = [startScript(SCRIPT, [url]), startScript(SCRIPT, [url])]
  const tokens = (await Promise.all(holders.map(({ firstLine }) => firstLine))).map(Number)
  expect(new Set(tokens)).toEqual(new Set([0, 1]))
  for (const { child } of holders) child.kill('SIGKILL')
  await Promise.all(holders.map(({ ended }) => ended))
  let token: number | null = null
  while (token === null) {
    await sleep(50)
    token = await leases.acquire('upkeep', 'next', 500)
  }
  expect(token).toBe(2)
  await store.close()
})
