import { isSyncError } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { folderRow, NOON, storedChunk } from '../conformance/fixtures.ts'
import { StoredFiles } from '../conformance/stored-files.ts'
import { createLeases } from '../leases/leases.ts'
import type { PackStore } from '../pack-store.ts'
import { openMemoryPackObjects } from '../packs/memory-pack-objects.ts'
import { isPackName } from '../packs/pack-name.ts'
import { openObjectPackStore } from '../packs/object-pack-store.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { FATES, faultyPackObjects, type Fate } from '../testing/faulty-pack-objects.ts'
import { collectGarbage } from './collect-garbage.ts'
import { lostPacks } from './lost-packs.ts'
import { readBack } from './read-back.ts'
import { sealAbandoned } from './seal-abandoned.ts'

/** Longer than a pack that was just sealed is left alone. */
const GRACE_MS = 3_600_000
/** One text fills a pack, and is saved at once. */
const PACK_BYTES = 300
const FIRST = 'first '.repeat(60)
const SECOND = 'second '.repeat(60)

test('a pack whose save was given up and happens later is read, and goes as garbage; what is in use stays', async () => {
  const { files, objects, upkeep, packsThere } = await world()
  objects.fates = ['late']
  await expect(files.save(1, [FIRST])).rejects.toMatchObject({ code: 'io-error' })
  await files.save(1, [FIRST])
  const [kept] = await packsThere()
  await objects.arrive()
  expect(await packsThere()).toHaveLength(2)
  await upkeep(4)
  expect(await packsThere()).toEqual([kept])
  expect(await files.read([FIRST])).toBe(FIRST)
})

test('a pack that is saved again after it was removed is removed again, and nothing is ever found in it', async () => {
  const { files, objects, upkeep, packsThere, now } = await world()
  objects.fates = ['doubled']
  const version = await files.save(1, [FIRST])
  const [removed] = await packsThere()
  await files.removeVersion(version)
  await files.save(1, [SECOND])
  await upkeep(4)
  expect(await packsThere()).not.toContain(removed)
  await objects.arrive()
  expect(await packsThere()).toContain(removed)
  const { metadata, packs } = files
  for (const what of ['new', 'unnoted'] as const) {
    expect((await readBack({ metadata, packs, now, what })).packs).toEqual([])
  }
  await files.save(2, [FIRST])
  await upkeep(1)
  expect(await packsThere()).not.toContain(removed)
  expect([await files.read([FIRST]), await files.read([SECOND])]).toEqual([FIRST, SECOND])
})

test.each<Fate>(['lost', 'unanswered', 'late', 'doubled'])(
  'a removal that is %s removes nothing else, and is made again by the next run',
  async (fate) => {
    const { files, objects, upkeep, collect, wait, packsThere } = await world()
    const version = await files.save(1, [FIRST])
    const [unused] = await packsThere()
    await files.removeVersion(version)
    await files.save(1, [SECOND])
    await upkeep(2)
    wait()
    objects.fates = [fate]
    const answer = await collect().then(
      () => 'well',
      (error: unknown) => isSyncError(error, 'io-error') && 'failed',
    )
    expect(answer).toBe(fate === 'doubled' ? 'well' : 'failed')
    expect((await packsThere()).includes(unused ?? '')).toBe(fate === 'lost' || fate === 'late')
    // The same bytes again, before the old removal arrives.
    await files.save(2, [FIRST])
    await objects.arrive()
    await upkeep(1)
    expect(await packsThere()).not.toContain(unused)
    expect([await files.read([FIRST]), await files.read([SECOND])]).toEqual([FIRST, SECOND])
  },
)

test('a coordinator that looks for lost packs while another removes one takes nothing for lost', async () => {
  const { files, upkeep, collect, wait, packsThere } = await world()
  const version = await files.save(1, [FIRST])
  await files.removeVersion(version)
  await files.save(1, [SECOND])
  await upkeep(2)
  wait()
  const { metadata, packs } = files
  const racing = Object.assign(Object.create(packs) as PackStore, {
    packs: async () => {
      await collect()
      return packs.packs()
    },
  })
  expect(await lostPacks(metadata, racing)).toEqual([])
  expect(await packsThere()).toHaveLength(1)
})

test('of a pack that is about to be removed nothing is read back, though it holds what was never noted', async () => {
  const { files, objects, upkeep, collect, wait, packsThere, now } = await world()
  const { metadata, packs } = files
  const [noted, unnoted] = [FIRST.slice(0, 80), SECOND.slice(0, 80)].map((text) => storedChunk(Buffer.from(text)))
  if (noted === undefined || unnoted === undefined) throw new Error('no chunk')
  const [location] = await packs.append([noted, unnoted])
  if (location === undefined) throw new Error('no location')
  await metadata.write((tx) => tx.addChunks([{ ...noted, ...location }]))
  await upkeep(2)
  wait()
  objects.fates = ['lost']
  await expect(collect()).rejects.toMatchObject({ code: 'io-error' })
  expect(await packsThere()).toContain(location.pack)
  await readBack({ metadata, packs, now, what: 'unnoted' })
  expect(await metadata.read((tx) => tx.chunks([unnoted.hash]))).toEqual([])
})

test('what another process is storing just now is left to it, and read once it has had its time', async () => {
  const { files, now, wait } = await world()
  const { metadata, packs } = files
  await packs.append(['small', 'another'].map((text) => storedChunk(Buffer.from(text))))
  const [aside] = await packs.append([storedChunk(Buffer.from(FIRST))])
  const read = async () => (await readBack({ metadata, packs, now, what: 'unnoted' })).packs
  expect(await read()).toEqual([])
  wait()
  expect(await read()).toEqual([aside?.pack])
})

type Step =
  | { readonly kind: 'save'; readonly by: number; readonly entry: number; readonly texts: readonly number[] }
  | { readonly kind: 'drop'; readonly entry: number }
  | { readonly kind: 'collect' | 'look' | 'kill' | 'seal'; readonly by: number }
  | { readonly kind: 'arrive' | 'wait' }

const anyBy = fc.nat(1)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('save' as const),
      by: anyBy,
      entry: fc.nat(3),
      texts: fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), entry: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('collect' as const, 'look' as const, 'kill' as const, 'seal' as const),
      by: anyBy,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('arrive' as const, 'wait' as const) }) },
)

test('whatever the store answers to two coordinators, what is in use can be read, and in the end nothing else is left', async () => {
  const run = fc.asyncProperty(
    fc.array(anyStep, { minLength: 10, maxLength: 60 }),
    fc.array(fc.constantFrom(...FATES), { maxLength: 60 }),
    async (steps, fates) => {
      const { files, objects, upkeep, collect, seal, look, kill, by, wait, packsThere, close } = await world()
      objects.fates = fates
      const live = new Map<number, { readonly seq: number; readonly texts: readonly string[] }>()
      const drop = async (entry: number): Promise<void> => {
        const known = live.get(entry)
        live.delete(entry)
        if (known !== undefined) await files.removeVersion(known.seq)
      }
      const take = async (step: Step): Promise<void> => {
        if ('by' in step) by(step.by)
        if (step.kind === 'save') {
          const texts = step.texts.map((number) => `text ${number} `.repeat(1 + 12 * number))
          const seq = await files.save(step.entry, texts)
          await drop(step.entry)
          live.set(step.entry, { seq, texts })
        } else if (step.kind === 'drop') await drop(step.entry)
        else if (step.kind === 'collect') await collect()
        else if (step.kind === 'look') await look()
        else if (step.kind === 'kill') kill(step.by)
        else if (step.kind === 'seal') await seal()
        else if (step.kind === 'arrive') await objects.arrive()
        else wait()
      }
      const expectAll = async (): Promise<void> => {
        for (const process of [0, 1]) {
          by(process)
          expect(await lostPacks(files.metadata, files.packs)).toEqual([])
          for (const { texts } of live.values()) expect(await files.read(texts)).toBe(texts.join(''))
        }
      }
      for (const step of steps) {
        await take(step).catch((error: unknown) => {
          if (!isSyncError(error, 'io-error') && !isSyncError(error, 'chunk-missing')) throw error
        })
        await expectAll()
      }
      objects.fates = []
      kill(0)
      kill(1)
      await objects.arrive()
      await upkeep(8)
      await expectAll()
      const inUse = new Set<string>()
      for await (const row of chunkPlaces(files)) inUse.add(row)
      expect((await packsThere()).filter((pack) => !inUse.has(pack))).toEqual([])
      await close()
    },
  )
  await fc.assert(run, { numRuns: 40 })
}, 120_000)

async function* chunkPlaces({ metadata }: StoredFiles): AsyncGenerator<string> {
  for (const row of await metadata.read((tx) => tx.chunksAfter(undefined, 10_000))) yield row.pack
}

/** Two coordinators on one database and one object store that answers as it likes. */
async function world() {
  let now = Date.parse(NOON)
  let lives = 0
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  await metadata.write((tx) => tx.createFolder(folderRow()))
  const objects = faultyPackObjects(openMemoryPackObjects())
  const begin = (): PackStore => {
    const owner = `process ${++lives}`
    return openObjectPackStore({ objects, metadata, owner: () => owner, now: () => now, maxPackBytes: PACK_BYTES })
  }
  const processes = [begin(), begin()]
  const files = new StoredFiles(metadata, processes[0] ?? begin())
  const leases = createLeases(metadata, () => now)
  const collect = () => collectGarbage({ metadata, packs: files.packs, now: () => now, graceMs: GRACE_MS })
  const look = async () => {
    await readBack({ metadata, packs: files.packs, now: () => now, what: 'new' })
  }
  const seal = async () => {
    await sealAbandoned({ metadata, packs: files.packs, leases, holder: 'upkeep', now: () => now })
  }
  return {
    files,
    objects,
    collect,
    look,
    seal,
    now: () => now,
    wait: () => void (now += GRACE_MS),
    by: (process: number) => void (files.packs = processes[process] ?? files.packs),
    kill: (process: number) => void (processes[process] = files.packs = begin()),
    packsThere: async () => (await objects.list()).map(({ pack }) => pack).filter(isPackName),
    async upkeep(rounds: number) {
      for (let round = 0; round < rounds; round++) {
        now += GRACE_MS
        await look()
        await seal()
        await collect()
      }
    },
    close: () => metadata.close(),
  }
}
