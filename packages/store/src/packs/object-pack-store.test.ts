import { expect, onTestFinished, test } from 'vitest'
import { packObjectsConformance } from '../conformance/pack-objects-conformance.ts'
import { packStoreConformance } from '../conformance/pack-store-conformance.ts'
import { storedChunk } from '../conformance/fixtures.ts'
import { sealAbandoned } from '../collection/seal-abandoned.ts'
import { createLeases } from '../leases/leases.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { PackLocation, PackStore, StoredChunk } from '../pack-store.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { faultyPackObjects } from '../testing/faulty-pack-objects.ts'
import { openMemoryPackObjects } from './memory-pack-objects.ts'
import { lookAtPackObjects, openObjectPackStore } from './object-pack-store.ts'

packObjectsConformance('memory', async () => openMemoryPackObjects())

packStoreConformance('whole packs in memory', async ({ maxPackBytes }) => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  const objects = openMemoryPackObjects()
  return openObjectPackStore({ objects, metadata, owner: () => 'ash', now: () => 0, maxPackBytes })
})

const SMALL = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((text) =>
  storedChunk(Buffer.from(text)),
)
/** Two records of SMALL fit. */
const PACK_BYTES = 130
const LARGE = Array.from({ length: 10 }, (_, index) => storedChunk(Buffer.alloc(300_000, index)))
const MIB = 1024 * 1024

test('what small commits append is readable by everybody before any object was saved', async () => {
  const { objects, open } = await world()
  const ash = open('ash')
  const locations = await appendEach(ash, SMALL)
  expect(await objects.list()).toEqual([])
  await expectAll(open('birch'), SMALL, locations)
  expect(new Set(locations.map(({ pack }) => pack)).size).toBe(1)
})

test('small appends that wait at once go into one piece of the tail', async () => {
  const { metadata, open } = await world()
  const ash = open('ash')
  await Promise.all(SMALL.map((chunk) => ash.append([chunk])))
  const [tail] = await metadata.read((tx) => tx.packTails())
  expect(await metadata.read((tx) => tx.packTail(tail?.pack ?? ''))).toHaveLength(1)
})

test('two processes fill packs of their own', async () => {
  const { open } = await world()
  const [one] = await open('ash').append(SMALL.slice(0, 1))
  const [two] = await open('birch').append(SMALL.slice(1, 2))
  expect(one?.pack).not.toBe(two?.pack)
})

test('a full pack is saved whole, and the metadata keep nothing of it any more', async () => {
  const { metadata, objects, open } = await world()
  const ash = open('ash', PACK_BYTES)
  const locations = await appendEach(ash, SMALL)
  const last = locations.at(-1)?.pack
  const full = [...new Set(locations.map(({ pack }) => pack))].filter((pack) => pack !== last)
  expect(full.length).toBeGreaterThan(1)
  await saved(async () => expect((await objects.list()).map(({ pack }) => pack)).toEqual(full))
  await saved(async () => expect((await metadata.read((tx) => tx.packTails())).map(({ pack }) => pack)).toEqual([last]))
  expect(await statesOf(metadata, full)).toEqual(full.map(() => 'sealed'))
  await expectAll(ash, SMALL, locations)
})

test('what comes in one large append is saved as packs at once, and never passes through the metadata', async () => {
  const { metadata, objects, open } = await world()
  let kept = 0
  const counted: MetadataStore = {
    ...metadata,
    read: (work) => metadata.read(work),
    write: (work) =>
      metadata.write((tx) => {
        const addPackTail = tx.addPackTail.bind(tx)
        const counting: typeof addPackTail = (...args) => (kept++, addPackTail(...args))
        return work(Object.assign(tx, { addPackTail: counting }))
      }),
  }
  const ash = openObjectPackStore({ objects, metadata: counted, owner: () => 'ash', now: () => 0, maxPackBytes: MIB })
  await ash.append(SMALL)
  expect(kept).toBe(1)
  const locations = await ash.append(LARGE)
  expect(kept).toBe(1)
  const packs = [...new Set(locations.map(({ pack }) => pack))]
  expect(packs.length).toBe(4)
  expect((await objects.list()).map(({ pack }) => pack)).toEqual(packs)
  expect(await statesOf(metadata, packs)).toEqual(packs.map(() => 'sealed'))
  await expectAll(open('birch'), LARGE, locations)
})

test('large appends that wait while another is saved share the next pack', async () => {
  const { objects, open } = await world()
  const ash = open('ash', 64 * MIB)
  const groups = [LARGE.slice(0, 4), LARGE.slice(4, 8), LARGE.slice(6, 10)]
  const located = await Promise.all(groups.map((group) => ash.append(group)))
  expect(await objects.list()).toHaveLength(2)
  for (const [index, group] of groups.entries()) await expectAll(ash, group, located[index] ?? [])
})

test('a pack whose process died half-way is saved, as it was, by whoever seals it', async () => {
  const { metadata, objects, open, seal } = await world()
  const locations = await open('ash').append(SMALL.slice(0, 1))
  const birch = open('birch')
  const sealed = await seal(birch)
  expect(sealed).toEqual([locations[0]?.pack])
  expect((await objects.list()).map(({ pack }) => pack)).toEqual(sealed)
  expect(await metadata.read((tx) => tx.packTails())).toEqual([])
  await expectAll(birch, SMALL.slice(0, 1), locations)
})

test('a process that was taken for gone while its pack was being saved loses nothing of what it appends', async () => {
  const { metadata, objects, open } = await world()
  const ash = open('ash')
  const locations = [...(await ash.append(SMALL.slice(0, 1)))]
  const birch = openObjectPackStore({
    metadata,
    owner: () => 'birch',
    now: () => 0,
    maxPackBytes: MIB,
    objects: {
      ...objects,
      async save(pack, bytes) {
        // Between the reading of the tail and the note that the pack is sealed.
        locations.push(...(await ash.append(SMALL.slice(1, 2))))
        await objects.save(pack, bytes)
      },
    },
  })
  await sealAbandoned({
    metadata,
    packs: birch,
    leases: createLeases(metadata, () => 0),
    holder: 'upkeep',
    now: () => 0,
  })
  expect(locations).toHaveLength(2)
  await expectAll(birch, SMALL.slice(0, 2), locations)
})

test('whoever was killed between taking a pack over and sealing it is succeeded', async () => {
  const { metadata, open, seal } = await world()
  const locations = await open('ash').append(SMALL.slice(0, 1))
  await metadata.write((tx) => tx.openPack(locations[0]?.pack ?? '', 'upkeep'))
  const birch = open('birch')
  expect(await seal(birch)).toEqual([locations[0]?.pack])
  await expectAll(birch, SMALL.slice(0, 1), locations)
})

test('while the store is away small appends go on, a few packs long; then they wait, and nothing is lost', async () => {
  const { metadata, objects, open } = await world()
  objects.fates = Array.from({ length: 100 }, () => 'lost')
  const ash = open('ash', PACK_BYTES)
  const stored: StoredChunk[] = []
  const locations: PackLocation[] = []
  const chunks = Array.from({ length: 40 }, (_, index) => storedChunk(Buffer.from(`chunk ${index}`)))
  let refused = 0
  for (const chunk of chunks) {
    await ash.append([chunk]).then(
      (found) => (stored.push(chunk), locations.push(...found)),
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'io-error' })
        refused++
      },
    )
  }
  expect([stored.length >= 8, refused > 0]).toEqual([true, true])
  expect(ash.failures).toEqual([expect.stringContaining('no answer')])
  await expectAll(ash, stored, locations)
  objects.fates = []
  locations.push(...(await ash.append(SMALL.slice(0, 1))))
  stored.push(...SMALL.slice(0, 1))
  await saved(async () => expect(await metadata.read((tx) => tx.packTails())).toHaveLength(1))
  expect(ash.failures).toEqual([])
  await expectAll(ash, stored, locations)
})

test('a save whose answer was lost leaves no pack open, and the bytes are stored again in another', async () => {
  const { metadata, objects, open } = await world()
  const ash = open('ash')
  objects.fates = ['late']
  await expect(ash.append(LARGE)).rejects.toMatchObject({ code: 'io-error' })
  const locations = await ash.append(LARGE)
  await objects.arrive()
  expect(await objects.list()).toHaveLength(2)
  const rows = await metadata.read((tx) => tx.packs())
  expect(rows.map(({ state }) => state)).toEqual(['sealed', 'sealed'])
  expect(locations[0]?.pack).not.toBe(rows[0]?.pack)
  await expectAll(ash, LARGE, locations)
})

test('a write to the metadata of which nobody knows whether it was kept is not written over', async () => {
  const { metadata, objects, open } = await world()
  let breaks = false
  const unsure: MetadataStore = {
    ...metadata,
    read: (work) => metadata.read(work),
    async write(work) {
      const result = await metadata.write(work)
      if (breaks) throw new Error('the connection broke before the answer')
      return result
    },
  }
  const ash = openObjectPackStore({ objects, metadata: unsure, owner: () => 'ash', now: () => 0, maxPackBytes: MIB })
  const locations = [...(await ash.append(SMALL.slice(0, 1)))]
  breaks = true
  await expect(ash.append(SMALL.slice(1, 2))).rejects.toThrow('broke')
  breaks = false
  locations.push(...(await ash.append(SMALL.slice(2, 3))))
  await saved(async () => expect(await objects.list()).toHaveLength(1))
  await expectAll(open('birch'), [...SMALL.slice(0, 1), ...SMALL.slice(2, 3)], locations)
})

test('a pack that is longer than what older metadata keep of it is left as it is', async () => {
  const { metadata, objects, open, seal } = await world()
  const ash = open('ash')
  const locations = await ash.append(SMALL.slice(0, 1))
  const [{ pack } = { pack: '' }] = locations
  const kept = await metadata.read((tx) => tx.packTail(pack))
  const longer = Buffer.concat([kept[0]?.bytes ?? Buffer.alloc(0), Buffer.from('what came later')])
  await objects.save(pack, longer)
  await seal(open('birch'))
  expect(await objects.size(pack)).toBe(longer.length)
  expect((await metadata.read((tx) => tx.packs()))[0]?.sealed?.bytes).toBe(longer.length)
  await expectAll(ash, SMALL.slice(0, 1), locations)
})

test('whose the packs are is kept among them, and a place without that note is not theirs', async () => {
  const { objects, open } = await world()
  expect(await lookAtPackObjects(objects)).toEqual({ count: 0, id: null })
  const ash = open('ash')
  expect(await ash.isInPlace()).toBe(true)
  await ash.setIdentity('these packs')
  await ash.append(LARGE)
  expect(await ash.isInPlace()).toBe(true)
  expect(await lookAtPackObjects(objects)).toEqual({ count: 1, id: 'these packs' })
  await objects.remove(['identity'])
  expect(await ash.isInPlace()).toBe(false)
})

async function world() {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  const objects = faultyPackObjects(openMemoryPackObjects())
  return {
    metadata,
    objects,
    open: (owner: string, maxPackBytes = 16 * MIB) =>
      openObjectPackStore({ objects, metadata, owner: () => owner, now: () => 0, maxPackBytes }),
    seal: (packs: PackStore) =>
      sealAbandoned({ metadata, packs, leases: createLeases(metadata, () => 0), holder: 'upkeep', now: () => 0 }),
  }
}

async function appendEach(packs: PackStore, chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
  const locations: PackLocation[] = []
  for (const chunk of chunks) locations.push(...(await packs.append([chunk])))
  return locations
}

async function expectAll(packs: PackStore, chunks: readonly StoredChunk[], at: readonly PackLocation[]): Promise<void> {
  expect(at).toHaveLength(chunks.length)
  for (const [index, chunk] of chunks.entries()) {
    const location = at[index]
    if (location === undefined) throw new Error('no location')
    expect(Buffer.compare(await packs.read(chunk.hash, location), chunk.bytes)).toBe(0)
  }
}

/** What is saved beside appends is there before long. */
async function saved(check: () => Promise<void>): Promise<void> {
  await expect
    .poll(
      () =>
        check().then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true)
  await check()
}

async function statesOf(metadata: MetadataStore, packs: readonly string[]): Promise<readonly unknown[]> {
  const states = new Map((await metadata.read((tx) => tx.packs())).map(({ pack, state }) => [pack, state]))
  return packs.map((pack) => states.get(pack))
}
