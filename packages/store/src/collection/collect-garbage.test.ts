import { encodeManifest } from '@causeway/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentOf, StoredFiles } from '../conformance/stored-files.ts'
import { folderRow, forget, hashOf, keepNow, NOON, storedChunk } from '../conformance/fixtures.ts'
import type { MetadataStore } from '../metadata-store.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { packRegistry } from '../packs/pack-registry.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { collectGarbage } from './collect-garbage.ts'
import { readBack } from './read-back.ts'

const GRACE_MS = 1000
const PACK_BYTES = 64
/** Fills a pack alone. */
const LONG = 'being uploaded '.repeat(5)
let files: StoredFiles
let now: number

async function begin(): Promise<void> {
  now = Date.parse(NOON)
  // Packs of some few records, so that they fill, empty and go.
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  const registry = packRegistry(metadata, { owner: () => 'this process', now: () => now })
  files = new StoredFiles(metadata, openMemoryPackStore({ maxPackBytes: PACK_BYTES, registry }))
  await files.metadata.write((tx) => tx.createFolder(folderRow()))
}

async function end(): Promise<void> {
  await files.metadata.close()
  await files.packs.close()
}

beforeEach(begin)
afterEach(end)

const collect = () =>
  collectGarbage({ metadata: files.metadata, packs: files.packs, now: () => now, graceMs: GRACE_MS })

async function collectUntilQuiet(): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await collect()
    now += GRACE_MS
  }
}

/** Collects while something else is done between the listing of unused chunks and their removal. */
async function collectWhile(meanwhile: () => Promise<unknown>) {
  const { metadata, packs } = files
  let reads = 0
  const racing: MetadataStore = {
    // The first read lists manifests, the second chunks.
    read: async (work) => {
      const listed = await metadata.read(work)
      if (++reads === 2) await meanwhile()
      return listed
    },
    write: (work) => metadata.write(work),
    giveBackSpace: () => metadata.giveBackSpace(),
    close: () => metadata.close(),
  }
  return collectGarbage({ metadata: racing, packs, now: () => now, graceMs: GRACE_MS })
}

async function isKnown(text: string): Promise<boolean> {
  return (await files.metadata.read((tx) => tx.chunks([hashOf(text)]))).length === 1
}

describe('collecting garbage', () => {
  test('what nothing uses is marked first, removed after the grace, and no sooner', async () => {
    await files.upload([storedChunk(Buffer.from('unused'))])
    expect((await collect()).marked.chunks).toBe(1)
    now += GRACE_MS - 1
    expect((await collect()).removed.chunks).toBe(0)
    now += 1
    expect((await collect()).removed.chunks).toBe(1)
    expect(await isKnown('unused')).toBe(false)
  })

  test('a run removes nothing that it marks itself, whatever the grace', async () => {
    await files.upload([storedChunk(Buffer.from('unused'))])
    const report = await collectGarbage({ metadata: files.metadata, packs: files.packs, now: () => now, graceMs: 0 })
    expect(report.removed.chunks).toBe(0)
  })

  test('an upload that is committed between mark and removal stays whole', async () => {
    const texts = ['some', 'new', 'file']
    await files.upload(texts.map((text) => storedChunk(Buffer.from(text))))
    await collect()
    now += 10 * GRACE_MS
    await files.save(1, texts)
    await collect()
    expect(await files.read(texts)).toBe('somenewfile')
  })

  test('a chunk that is uploaded again has its full grace again', async () => {
    const chunk = storedChunk(Buffer.from('slow upload'))
    await files.upload([chunk])
    await collect()
    now += GRACE_MS
    await files.upload([chunk])
    await collect()
    expect(await isKnown('slow upload')).toBe(true)
  })

  test('a commit between the listing and the removal is seen', async () => {
    await files.upload([storedChunk(Buffer.from('of one chunk'))])
    await collect()
    now += GRACE_MS
    const report = await collectWhile(() => files.commit(1, contentOf(['of one chunk'])))
    expect(report.removed.chunks).toBe(0)
    expect(await files.read(['of one chunk'])).toBe('of one chunk')
  })

  test('a manifest that comes between the listing and the removal keeps its chunks', async () => {
    const texts = ['one', 'two']
    await files.upload(texts.map((text) => storedChunk(Buffer.from(text))))
    await collect()
    now += GRACE_MS
    const manifest = {
      content: contentOf(texts).hash,
      chunks: encodeManifest(texts.map((text) => storedChunk(Buffer.from(text)))),
      size: 6,
    }
    const claimed = texts.map((text) => hashOf(text))
    const report = await collectWhile(() =>
      files.metadata.write((tx) => keepNow(tx, { manifests: [manifest], claimed })),
    )
    expect(report.removed.chunks).toBe(0)
    expect(await files.read(texts)).toBe('onetwo')
  })

  test('a deleted file keeps its bytes while a version of it is kept, and no longer', async () => {
    const texts = ['gone', 'but kept']
    const first = await files.save(1, texts)
    const second = await files.commit(1, contentOf(texts), true)
    await collectUntilQuiet()
    expect(await files.read(texts)).toBe('gonebut kept')
    await files.removeVersion(first)
    await files.removeVersion(second)
    await collectUntilQuiet()
    expect(await isKnown('gone')).toBe(false)
    expect(await files.metadata.read((tx) => tx.manifest(contentOf(texts).hash))).toBeUndefined()
  })

  test('packs that are mostly garbage are emptied and removed; their living chunks move', async () => {
    await files.save(1, ['kept'])
    const versions = []
    for (let index = 0; index < 40; index++) versions.push(await files.save(2, [`version ${index} of much text`]))
    const before = (await files.packs.packs()).length
    for (const seq of versions.slice(0, -1)) await files.removeVersion(seq)
    await collectUntilQuiet()
    // One that is being filled, and one of what moved before it.
    expect((await files.packs.packs()).length).toBeLessThanOrEqual(2)
    expect(before).toBeGreaterThan(10)
    const packOf = async (text: string) => (await files.metadata.read((tx) => tx.chunks([hashOf(text)])))[0]?.pack
    expect(await packOf('kept')).not.toBe('00000001')
    expect(await files.read(['kept'])).toBe('kept')
    expect(await files.read(['version 39 of much text'])).toBe('version 39 of much text')
    const last = await collect()
    expect(last).toEqual({
      marked: { manifests: 0, chunks: 0, packs: 0 },
      removed: { manifests: 0, chunks: 0, packs: 0 },
      moved: 0,
    })
  })

  test('a file that is edited faster than it is committed leaves what its versions hold and a pack or two', async () => {
    const text = (edit: number) => `edit ${edit} of a file that is never at rest`
    let last = 0
    for (let edit = 0; edit < 400; edit++) {
      // Most of what is uploaded is overtaken by the next edit before it is committed.
      await files.upload([storedChunk(Buffer.from(text(edit)))])
      if (edit % 40 !== 0) continue
      if (last > 0) await files.removeVersion(last)
      last = await files.commit(1, contentOf([text(edit)]))
      await collect()
      now += GRACE_MS / 4
    }
    expect((await files.packs.packs()).length).toBeGreaterThan(20)
    await collectUntilQuiet()
    const packs = await files.packs.packs()
    expect(packs.length).toBeLessThanOrEqual(2)
    expect(packs.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(3 * PACK_BYTES)
    expect(await files.read([text(360)])).toBe(text(360))
  })

  test('a chunk that is in a pack but not yet in the index is not lost to a collection', async () => {
    const chunk = storedChunk(Buffer.from(LONG))
    const [location] = await files.packs.append([chunk])
    for (let index = 0; index < 10; index++) await files.save(1, [`fills the pack ${index}`])
    await collect()
    if (!location) throw new Error('no location')
    await files.metadata.write((tx) => tx.addChunks([{ ...chunk, ...location }]))
    now += GRACE_MS
    await collect()
    expect(await files.read([LONG])).toBe(LONG)
  })
})

const anyTexts = fc.array(fc.constantFrom('a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'), { minLength: 1, maxLength: 3 })
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('save'), entry: fc.integer({ min: 1, max: 4 }), texts: anyTexts }),
  fc.record({ kind: fc.constant('upload'), texts: anyTexts }),
  fc.record({ kind: fc.constant('forget'), pick: fc.nat(50) }),
  fc.record({ kind: fc.constant('collect'), laterMs: fc.integer({ min: 0, max: 2 * GRACE_MS }) }),
)

test('whatever happens, every kept version can be read, and in the end nothing else is left', async () => {
  const check = fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
    await end()
    await begin()
    const kept = new Map<number, { entry: number; texts: readonly string[] }>()
    for (const step of steps) {
      if (step.kind === 'save') kept.set(await files.save(step.entry, step.texts), step)
      if (step.kind === 'upload') await files.upload(step.texts.map((text) => storedChunk(Buffer.from(text))))
      if (step.kind === 'forget') await forgetOne(kept, step.pick)
      if (step.kind === 'collect') {
        now += step.laterMs
        await collect()
      }
      for (const { texts } of kept.values()) expect(await files.read(texts)).toBe(texts.join(''))
    }
    await collectUntilQuiet()
    const wanted = new Set([...kept.values()].flatMap(({ texts }) => texts.map((text) => hashOf(text))))
    const left = await files.metadata.read((tx) => tx.chunksAfter(undefined, 1000))
    expect(new Set(left.map(({ hash }) => hash))).toEqual(wanted)
    for (const { texts } of kept.values()) expect(await files.read(texts)).toBe(texts.join(''))
  })
  await fc.assert(check, { numRuns: 40 })
})

/** Retention never drops the newest version of an entry. */
async function forgetOne(kept: Map<number, { entry: number }>, pick: number): Promise<void> {
  const newest = new Map([...kept].map(([seq, { entry }]) => [entry, seq]))
  const older = [...kept].filter(([seq, { entry }]) => newest.get(entry) !== seq).map(([seq]) => seq)
  const seq = older[pick % older.length]
  if (seq === undefined) return
  await files.removeVersion(seq)
  kept.delete(seq)
}

describe('packs and chunks that are out of the ordinary', () => {
  test('a pack that another process appends to is neither rewritten nor removed, until it is sealed', async () => {
    const { metadata, packs } = files
    const registry = packRegistry(metadata, { owner: () => 'another process', now: () => now })
    await registry.open('00000009')
    const [chunk, location] = [storedChunk(Buffer.from('theirs')), { pack: '00000009', offset: 0, storedSize: 6 }]
    const { packs: listed } = packs
    const theirs = { pack: '00000009', bytes: 60 }
    packs.packs = async () => [...(await listed.call(packs)), theirs, { pack: '00000010', bytes: 1 }]
    const collectAll = async () => {
      for (let round = 0; round < 4; round++) {
        await collectGarbage({ metadata, packs, now: () => now, graceMs: GRACE_MS })
        now += GRACE_MS
      }
    }
    const stateOf = async () => (await metadata.read((tx) => tx.packs())).find(({ pack }) => pack === '00000009')?.state
    await collectAll()
    expect(await stateOf()).toBe('open')
    await metadata.write((tx) => tx.addChunks([{ ...chunk, ...location }]))
    await metadata.write((tx) => forget(tx, 'chunk', [chunk.hash]))
    await collectAll()
    expect(await stateOf()).toBe('open')
    await registry.seal('00000009', 60)
    await collectAll()
    expect(await stateOf()).toBe('retired')
    const late = metadata.write((tx) => tx.addChunks([{ ...chunk, ...location }]))
    await expect(late).rejects.toThrow(expect.objectContaining({ code: 'chunk-missing' }))
  })

  test('a chunk that is noted in a pack between its mark and its removal keeps the pack', async () => {
    const { metadata, packs } = files
    const chunk = storedChunk(Buffer.from(LONG))
    const [location] = await packs.append([chunk])
    if (!location) throw new Error('no location')
    await files.save(1, [LONG.toUpperCase()])
    await metadata.write((tx) => tx.notePacks([{ pack: location.pack, knownTo: 1 }]))
    expect((await collect()).marked.packs).toBe(1)
    const marks = await metadata.read((tx) => tx.garbageMarks('pack'))
    await metadata.write((tx) => tx.addChunks([{ ...chunk, ...location }]))
    expect(await metadata.write((tx) => tx.retirePacks(marks))).toEqual([])
    expect(await files.read([LONG])).toBe(LONG)
  })

  test('packs that a run had retired when it was killed go with the next', async () => {
    const { metadata, packs } = files
    const [stray] = await packs.append([storedChunk(Buffer.from(LONG))])
    if (!stray) throw new Error('no location')
    await files.save(1, [LONG.toUpperCase()])
    await metadata.write((tx) => tx.notePacks([{ pack: stray.pack, knownTo: 1 }]))
    await metadata.write((tx) => tx.markGarbage('pack', [stray.pack], NOON))
    await metadata.write((tx) => tx.retirePacks(new Map([[stray.pack, NOON]])))
    await collect()
    expect((await packs.packs()).map(({ pack }) => pack)).not.toContain(stray.pack)
  })

  test('a pack that no chunk was ever noted in is no garbage: it is unknown, and stays until it is read back', async () => {
    const { metadata, packs } = files
    const [stray] = await packs.append([storedChunk(Buffer.from(LONG))])
    await files.save(1, [LONG.toUpperCase()])
    const isThere = async () => (await packs.packs()).some(({ pack }) => pack === stray?.pack)
    await collectUntilQuiet()
    expect(await isThere()).toBe(true)
    const back = await readBack({ now: () => 0, metadata, packs, what: 'new' })
    expect(back).toEqual({ packs: [stray?.pack], unknown: [stray?.pack], chunks: 1 })
    // From then on it is garbage as any other.
    await collectUntilQuiet()
    expect(await isThere()).toBe(false)
  })

  test('what was lost and is used no more is not waited for', async () => {
    const { metadata } = files
    const seq = await files.save(1, ['first'])
    await files.save(1, ['second'])
    await metadata.write((tx) => tx.loseChunks([hashOf('first'), hashOf('second')]))
    await collect()
    expect(await metadata.read((tx) => tx.lostCount())).toBe(2)
    await files.removeVersion(seq)
    await collect()
    expect(await metadata.read((tx) => tx.lostAfter(undefined, 9))).toEqual([hashOf('second')])
  })
})
