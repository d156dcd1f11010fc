import { expect, test } from 'vitest'
import { createLeases } from '../leases/leases.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { packRegistry } from '../packs/pack-registry.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { storedChunk } from '../conformance/fixtures.ts'
import { packOwnerLease, sealAbandoned } from './seal-abandoned.ts'

const TTL_MS = 1000

test('the open packs of a process that is gone are sealed, those of one that is there are not', async () => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  let now = 0
  const leases = createLeases(metadata, () => now)
  const packs = openMemoryPackStore({ registry: packRegistry(metadata, { owner: () => 'ash', now: () => 0 }) })
  const [location] = await packs.append([storedChunk(Buffer.from('bytes'))])
  await packRegistry(metadata, { owner: () => 'birch', now: () => 0 }).open('00000008')
  await metadata.write((tx) => tx.notePacks([{ pack: '00000009', knownTo: 5 }]))
  const token = (await leases.acquire(packOwnerLease('ash'), 'ash', TTL_MS)) ?? 0
  await leases.acquire(packOwnerLease('birch'), 'birch', TTL_MS)
  const seal = () => sealAbandoned({ metadata, packs, leases, holder: 'upkeep', now: () => 0 })

  expect(await seal()).toEqual([])
  now += TTL_MS
  await leases.renew(packOwnerLease('ash'), token)
  expect(await seal()).toEqual(['00000008'])
  now += TTL_MS
  expect(await seal()).toEqual([location?.pack])
  const row = (await metadata.read((tx) => tx.packs())).find(({ pack }) => pack === location?.pack)
  expect(row?.sealed?.bytes).toBe((await packs.packs())[0]?.bytes)
  // Whoever was taken for gone learns of it.
  expect(await leases.renew(packOwnerLease('ash'), token)).toBe(false)
  await metadata.close()
})
