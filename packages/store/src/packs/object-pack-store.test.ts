import { expect, test } from 'vitest'
import { packObjectsConformance } from '../conformance/pack-objects-conformance.ts'
import { packStoreConformance } from '../conformance/pack-store-conformance.ts'
import { storedChunk } from '../conformance/fixtures.ts'
import { sealAbandoned } from '../collection/seal-abandoned.ts'
import { createLeases } from '../leases/leases.ts'
import type { MetadataStore } from '../metadata-store.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { openMemoryPackObjects } from './memory-pack-objects.ts'
import { openObjectPackStore } from './object-pack-store.ts'
import type { PackObjects } from './pack-objects.ts'

packObjectsConformance('memory', async () => openMemoryPackObjects())

packStoreConformance('whole packs in memory', async ({ maxPackBytes }) => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  return storeOf(metadata, openMemoryPackObjects(), { owner: 'ash', maxPackBytes })
})

const SMALL = ['one', 'two', 'three'].map((text) => storedChunk(Buffer.from(text)))

test('what small commits append is readable by everybody before any object was saved', async () => {
  const { metadata, objects, ash } = await opened()
  const locations = []
  for (const chunk of SMALL) locations.push(...(await ash.append([chunk])))
  expect(await objects.list()).toEqual([])
  const birch = storeOf(metadata, objects, { owner: 'birch' })
  for (const [index, chunk] of SMALL.entries()) {
    const location = locations[index]
    if (location === undefined) throw new Error('no location')
    expect(Buffer.compare(await birch.read(chunk.hash, location), chunk.bytes)).toBe(0)
  }
  expect(new Set(locations.map(({ pack }) => pack)).size).toBe(1)
  await metadata.close()
})

test('two processes fill packs of their own', async () => {
  const { metadata, objects, ash } = await opened()
  const birch = storeOf(metadata, objects, { owner: 'birch' })
  const [one] = await ash.append(SMALL.slice(0, 1))
  const [two] = await birch.append(SMALL.slice(1, 2))
  expect(one?.pack).not.toBe(two?.pack)
  await metadata.close()
})

test('a full pack is saved whole, once, and the metadata keep nothing of it any more', async () => {
  const { metadata, objects } = await opened()
  const saves: string[] = []
  const counted: PackObjects = {
    ...objects,
    save: async (pack, bytes) => {
      saves.push(pack)
      await objects.save(pack, bytes)
    },
  }
  const packs = storeOf(metadata, counted, { owner: 'ash', maxPackBytes: 200 })
  const locations = []
  for (const chunk of [...SMALL, ...SMALL, ...SMALL]) locations.push(...(await packs.append([chunk])))
  const full = new Set(locations.slice(0, -SMALL.length).map(({ pack }) => pack))
  expect(saves).toEqual([...full])
  expect((await metadata.read((tx) => tx.packTails())).map(({ pack }) => pack)).toEqual([locations.at(-1)?.pack])
  const states = new Map((await metadata.read((tx) => tx.packs())).map(({ pack, state }) => [pack, state]))
  for (const pack of full) expect(states.get(pack)).toBe('sealed')
  await metadata.close()
})

test('a pack whose process died half-way is saved, as it was, by whoever seals it', async () => {
  const { metadata, objects, ash } = await opened()
  const [location] = await ash.append(SMALL.slice(0, 1))
  const birch = storeOf(metadata, objects, { owner: 'birch' })
  const leases = createLeases(metadata, () => 0)
  const sealed = await sealAbandoned({ metadata, packs: birch, leases, holder: 'birch', now: () => 0 })
  expect(sealed).toEqual([location?.pack])
  expect((await objects.list()).map(({ pack }) => pack)).toEqual(sealed)
  expect(await metadata.read((tx) => tx.packTails())).toEqual([])
  const [chunk] = SMALL
  if (chunk === undefined || location === undefined) throw new Error('no chunk')
  expect(Buffer.compare(await birch.read(chunk.hash, location), chunk.bytes)).toBe(0)
  await metadata.close()
})

test('a save that fails loses nothing, and is tried again with the next append', async () => {
  const { metadata, objects } = await opened()
  let isDown = true
  const flaky: PackObjects = {
    ...objects,
    save: async (pack, bytes) => {
      if (isDown) throw new Error('the object store is away')
      await objects.save(pack, bytes)
    },
  }
  const packs = storeOf(metadata, flaky, { owner: 'ash', maxPackBytes: 130 })
  const locations = [...(await packs.append(SMALL.slice(0, 1))), ...(await packs.append(SMALL.slice(1, 2)))]
  await expect(packs.append(SMALL.slice(2))).rejects.toThrow('away')
  isDown = false
  locations.push(...(await packs.append(SMALL.slice(2))))
  for (const [index, chunk] of SMALL.entries()) {
    const location = locations[index]
    if (location === undefined) throw new Error('no location')
    expect(Buffer.compare(await packs.read(chunk.hash, location), chunk.bytes)).toBe(0)
  }
  await metadata.close()
})

async function opened() {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  const objects = openMemoryPackObjects()
  return { metadata, objects, ash: storeOf(metadata, objects, { owner: 'ash' }) }
}

function storeOf(
  metadata: MetadataStore,
  objects: PackObjects,
  { owner, maxPackBytes }: { readonly owner: string; readonly maxPackBytes?: number },
) {
  const options = { objects, metadata, owner: () => owner, now: () => 0 }
  return openObjectPackStore({ ...options, ...(maxPackBytes !== undefined && { maxPackBytes }) })
}
