import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { storedChunk } from '../../conformance/fixtures.ts'
import { packObjectsConformance } from '../../conformance/pack-objects-conformance.ts'
import { packStoreConformance } from '../../conformance/pack-store-conformance.ts'
import { openSqliteMetadataStore } from '../../sqlite/open-sqlite-metadata-store.ts'
import { openMemoryPackObjects } from '../memory-pack-objects.ts'
import { openObjectPackStore } from '../object-pack-store.ts'
import type { PackObjects } from '../pack-objects.ts'
import { openPackCache } from './pack-cache.ts'

const BLOCK = 10
const BYTES = Buffer.from('0123456789abcdefghijABCDEFGHIJend')
const PACK = '00000001'

packObjectsConformance('packs behind a cache', async () => (await cached()).objects)
packStoreConformance('whole packs behind a cache', async ({ maxPackBytes }) => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  const { objects } = await cached()
  return openObjectPackStore({ objects, metadata, owner: () => 'ash', now: () => 0, maxPackBytes })
})

test('what was saved here is read without asking the store, and what was not, once', async () => {
  const { objects, origin, reads } = await cached()
  await objects.save(PACK, BYTES)
  expect(await text(objects, 5, 20)).toBe('56789abcdefghijABCDE')
  await origin.save('00000002', BYTES)
  const far = () => objects.read('00000002', { offset: 12, length: 3 })
  const together = await Promise.all([far(), far(), far()])
  expect(together.map((bytes) => Buffer.from(bytes).toString())).toEqual(['cde', 'cde', 'cde'])
  await far()
  expect(reads).toEqual(['00000002 10+10'])
  await objects.read('00000002', { offset: 0, length: 33 })
  expect(reads).toEqual(['00000002 10+10', '00000002 0+10', '00000002 20+13'])
})

test('it survives a restart, for its owner alone', async () => {
  const { objects, origin, reads, directory } = await cached()
  await objects.save(PACK, BYTES)
  const again = await cached({ origin, directory })
  expect(await text(again.objects, 0, 33)).toBe(BYTES.toString())
  expect([...reads, ...again.reads]).toEqual([])
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  for (const name of await readdir(directory)) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
})

test('at most so many bytes are kept, those used longest ago go first, and a smaller bound holds from the start', async () => {
  const { objects, origin, directory } = await cached({ maxBytes: 3 * (BLOCK + 4) })
  await objects.save(PACK, BYTES.subarray(0, 30))
  await text(objects, 0, 1)
  await objects.save('00000002', BYTES.subarray(0, 10))
  expect((await readdir(directory)).sort()).toEqual([`${PACK}-0`, `${PACK}-2`, '00000002-0'])
  await cached({ origin, directory, maxBytes: BLOCK + 4 })
  expect(await readdir(directory)).toHaveLength(1)
  const none = await cached({ maxBytes: 0 })
  await none.objects.save(PACK, BYTES)
  expect([await text(none.objects, 0, 33), await readdir(none.directory)]).toEqual([BYTES.toString(), []])
})

test('a copy that was cut short, changed, emptied or removed is read from the store again', async () => {
  const { objects, directory, reads } = await cached()
  const harm: ((path: string) => Promise<void>)[] = [
    (path) => truncate(path, 8),
    (path) => truncate(path, 0),
    (path) => rm(path),
    async (path) => {
      const bytes = await readFile(path)
      bytes[7] = (bytes[7] ?? 0) ^ 1
      await writeFile(path, bytes)
    },
  ]
  await objects.save(PACK, BYTES)
  for (const harmed of harm) {
    reads.length = 0
    await harmed(join(directory, `${PACK}-1`))
    expect(await text(objects, 0, 33)).toBe(BYTES.toString())
    expect(reads).toEqual([`${PACK} 10+10`])
    await expect.poll(() => readdir(directory)).toContain(`${PACK}-1`)
  }
})

test('a record that is unsound in a copy that looks sound is read from the store again', async () => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  const { objects, origin, directory } = await cached()
  const store = openObjectPackStore({ objects, metadata, owner: () => 'ash', now: () => 0, maxPackBytes: 100 })
  const chunk = storedChunk(Buffer.from('a chunk that is longer than a block, and than a pack is: it goes aside'))
  const [location] = await store.append([chunk])
  if (location === undefined) throw new Error('no location')
  // The copies of another pack that had this name.
  const elsewhere = await cached({ directory, origin: openMemoryPackObjects() })
  await elsewhere.objects.save(location.pack, Buffer.alloc(1000, 7))
  const again = await cached({ origin, directory })
  const restarted = openObjectPackStore({
    objects: again.objects,
    metadata,
    owner: () => 'ash',
    now: () => 0,
    maxPackBytes: 100,
  })
  expect(Buffer.from(await restarted.read(chunk.hash, location)).toString()).toBe(Buffer.from(chunk.bytes).toString())
})

test('a failed read is not kept', async () => {
  const origin = openMemoryPackObjects()
  let isDown = true
  const flaky: PackObjects = {
    ...origin,
    read: (pack, range) => (isDown ? Promise.reject(new Error('away')) : origin.read(pack, range)),
  }
  await origin.save(PACK, BYTES)
  const { objects } = await cached({ origin: flaky })
  await expect(text(objects, 0, 5)).rejects.toThrow('away')
  isDown = false
  expect(await text(objects, 0, 5)).toBe('01234')
})

test('whatever is read in whatever order gives the bytes of the pack', async () => {
  const range = fc.tuple(fc.nat(33), fc.nat(33)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  await fc.assert(
    fc.asyncProperty(fc.array(range, { maxLength: 20 }), fc.nat(60), async (ranges, maxBytes) => {
      const { objects, origin } = await cached({ maxBytes })
      await origin.save(PACK, BYTES)
      const read = await Promise.all(ranges.map(([from, to]) => text(objects, from, to - from)))
      expect(read).toEqual(ranges.map(([from, to]) => BYTES.subarray(from, to).toString()))
    }),
    { numRuns: 30 },
  )
})

async function cached(options: { origin?: PackObjects; directory?: string; maxBytes?: number } = {}) {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'causeway-cache-')))
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
  const origin = options.origin ?? openMemoryPackObjects()
  const reads: string[] = []
  const counted: PackObjects = {
    ...origin,
    read(pack, range) {
      reads.push(`${pack} ${range.offset}+${range.length}`)
      return origin.read(pack, range)
    },
  }
  const objects = await openPackCache({
    objects: counted,
    directory,
    maxBytes: options.maxBytes ?? 10_000,
    blockBytes: BLOCK,
  })
  return { objects, origin, reads, directory }
}

async function text(objects: PackObjects, offset: number, length: number): Promise<string> {
  return Buffer.from(await objects.read(PACK, { offset, length })).toString()
}
