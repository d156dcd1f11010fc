import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fillStore } from '../conformance/filled-store.ts'
import { DOCS, fileState, hashOf, LAPTOP, minutes, storedChunk, writesOf, applyNow } from '../conformance/fixtures.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { PackStore } from '../pack-store.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { openPackDirectory } from '../packs/open-pack-directory.ts'
import { readPackDirectory } from '../packs/pack-directory-reader.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { compareChunks, copyChunks, measureChunks } from './copy-chunks.ts'
import { compareMetadata, copyMetadata, tablesToCopy, type MetadataCopy } from './copy-metadata.ts'
import { copyState } from './copy-state.ts'

const TABLES = tablesToCopy({ withPlaces: false })
const LEAVES = new Set(['packs'])

test('a store is copied with all it holds, and what says where its packs are stays behind', async () => {
  const { from, to } = await twoStores()
  await from.write((tx) => tx.putSetting('packs', 'p-1'))
  await copy({ from, to })
  const found = await from.read((tx) => compareMetadata(given(tx, to)))
  expect(found.get('entries')?.rows).toBe(4)
  expect(found.get('audit')?.rows).toBe(1)
  expect(await to.read((tx) => tx.setting('packs'))).toBeUndefined()
  expect(await to.read((tx) => tx.setting('coordinator'))).toBe('c-1')
  expect(await to.read((tx) => tx.packs())).toEqual([])
})

test('a copy that is cut short after any of its steps goes on where it was, and ends the same', async () => {
  const { from } = await twoStores()
  const steps = await countSteps(from)
  expect(steps).toBeGreaterThan(TABLES.length / 2)
  for (let step = 1; step <= steps; step += 9) {
    const to = await openStore()
    await expect(copy({ from, to, stopAfter: step })).rejects.toThrow('cut short')
    let again = 0
    await copy({ from, to, copied: () => again++ })
    expect(again).toBe(steps - step)
    await from.read((tx) => compareMetadata(given(tx, to)))
  }
})

test('a source that has gone on since is copied from the beginning', async () => {
  const { from, to } = await twoStores()
  await expect(copy({ from, to, stopAfter: 12 })).rejects.toThrow('cut short')
  await from.write((tx) => applyNow(tx, writesOf([fileState(30, 'later.txt')])))
  await copy({ from, to })
  await from.read((tx) => compareMetadata(given(tx, to)))
  expect(await to.read((tx) => tx.countChangesAfter(DOCS, 29, 10))).toBe(1)
})

test('a store that is in use is not copied over', async () => {
  const { from, to } = await twoStores()
  await to.write((tx) => tx.putSetting('coordinator', 'c-2'))
  await expect(copy({ from, to })).rejects.toMatchObject({ code: 'already-exists' })
  expect(await to.read(copyState)).toBeUndefined()
})

test('a copy that came out otherwise is found out, by the table', async () => {
  const { from, to } = await twoStores()
  await copy({ from, to })
  await to.write((tx) => tx.touchNode(LAPTOP, minutes(90)))
  await expect(from.read((tx) => compareMetadata(given(tx, to)))).rejects.toThrow(/table nodes differs \(1 rows/)
})

test('chunks are copied and read back; those that are there already are left alone', async () => {
  const { from, to } = await twoStores()
  const [packs, target] = [openMemoryPackStore(), openMemoryPackStore()]
  const contents = Array.from({ length: 1200 }, (_, at) => Buffer.from(`content ${at}`))
  await store(from, packs, contents.slice(0, 700))
  const first = await copyBytes({ from, packs }, { to, target })
  expect(first).toMatchObject({ damaged: [] })
  await store(from, packs, contents.slice(700))
  const stored = (await target.packs()).reduce((sum, { bytes }) => sum + bytes, 0)
  const second = await copyBytes({ from, packs }, { to, target })
  const { bytes } = await from.read(measureChunks)
  expect(second.bytes).toBe(bytes)
  const now = (await target.packs()).reduce((sum, pack) => sum + pack.bytes, 0)
  expect(now - stored).toBeLessThan(stored)
  const compared = await from.read((tx) =>
    compareChunks({
      from: { metadata: tx, packs },
      to: { metadata: to, packs: target },
      copied: () => undefined,
    }),
  )
  expect(compared.chunks).toBe(1200)
})

test('a chunk that is damaged in the source is noted as lost in the copy, and named', async () => {
  const { from, to } = await twoStores()
  const [packs, target] = [openMemoryPackStore(), openMemoryPackStore()]
  await store(from, packs, [Buffer.from('sound')])
  await store(from, openMemoryPackStore(), [Buffer.from('gone')])
  const { damaged } = await copyBytes({ from, packs }, { to, target })
  expect(damaged).toEqual([hashOf('gone')])
  expect(await to.read((tx) => tx.lostAmong([hashOf('gone'), hashOf('sound')]))).toEqual([hashOf('gone')])
  // The second time as well.
  expect((await copyBytes({ from, packs }, { to, target })).damaged).toEqual([hashOf('gone')])
})

test('a copy whose packs are not as they were written is refused', async () => {
  const { from, to } = await twoStores()
  const [packs, target] = [openMemoryPackStore(), openMemoryPackStore()]
  await store(from, packs, [Buffer.from('one'), Buffer.from('two')])
  await copyBytes({ from, packs }, { to, target })
  await target.removePacks((await target.packs()).map(({ pack }) => pack))
  const compared = from.read((tx) =>
    compareChunks({
      from: { metadata: tx, packs },
      to: { metadata: to, packs: target },
      copied: () => undefined,
    }),
  )
  await expect(compared).rejects.toThrow('of 2 chunks, 0 can be read back')
})

test('packs are read while their coordinator has them open, and nothing is made where there are none', async () => {
  const path = join(await scratch(), 'packs')
  await expect(readPackDirectory(path)).rejects.toThrow('no such directory')
  const open = await openPackDirectory({ path })
  onTestFinished(() => open.close())
  const chunk = storedChunk(Buffer.from('appended'))
  const [location] = await open.append([chunk])
  const reader = await readPackDirectory(path)
  onTestFinished(() => reader.close())
  expect(location && Buffer.from(await reader.read(chunk.hash, location)).toString()).toBe('appended')
})

async function countSteps(from: MetadataStore): Promise<number> {
  let steps = 0
  await copy({ from, to: await openStore(), copied: () => steps++ })
  return steps
}

interface Copying {
  readonly from: MetadataStore
  readonly to: MetadataStore
  readonly stopAfter?: number
  readonly copied?: () => void
}

function copy({ from, to, stopAfter = Infinity, copied }: Copying): Promise<void> {
  let steps = 0
  return from.read((tx) =>
    copyMetadata({
      ...given(tx, to),
      copied: () => {
        copied?.()
        if (++steps === stopAfter) throw new Error('cut short')
      },
    }),
  )
}

function given(from: MetadataCopy['from'], to: MetadataStore): MetadataCopy {
  return { from, to, tables: TABLES, leaves: LEAVES, copied: () => undefined }
}

async function copyBytes(
  { from, packs }: { readonly from: MetadataStore; readonly packs: PackStore },
  { to, target }: { readonly to: MetadataStore; readonly target: PackStore },
) {
  let bytes = 0
  const damaged = await from.read((tx) =>
    copyChunks({
      from: { metadata: tx, packs },
      to: { metadata: to, packs: target },
      copied: (more) => (bytes += more),
    }),
  )
  return { bytes, damaged: damaged.map(({ hash }) => hash) }
}

async function store(metadata: MetadataStore, packs: PackStore, contents: readonly Buffer[]): Promise<void> {
  const chunks = contents.map((bytes) => storedChunk(bytes))
  const locations = await packs.append(chunks)
  const rows = chunks.flatMap(({ hash, size, compressed }, at) => {
    const location = locations[at]
    return location === undefined ? [] : [{ hash, size, compressed, ...location }]
  })
  await metadata.write((tx) => tx.addChunks(rows))
}

/** One that holds something in every table, but no chunks, and a new one. */
async function twoStores(): Promise<{ readonly from: MetadataStore; readonly to: MetadataStore }> {
  const [from, to] = await Promise.all([openStore(), openStore()])
  await from.write(async (tx) => {
    await fillStore(tx)
    await tx.emptyTable('chunks')
    await tx.emptyTable('garbage')
  })
  return { from, to }
}

async function openStore(): Promise<MetadataStore> {
  const opened = await openSqliteMetadataStore({ path: join(await scratch(), 'db.sqlite') })
  onTestFinished(() => opened.close())
  return opened
}

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-copy-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}
