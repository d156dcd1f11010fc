import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PackLocation, PackStore, StoredChunk } from '../pack-store.ts'
import { hashOf, storedChunk } from './fixtures.ts'

export type OpenPacks = (options: { maxPackBytes: number }) => Promise<PackStore>

/**
 * What every `PackStore` must do, as tests. `open` gives a new and empty store
 * each time; the suite closes it.
 */
export function packStoreConformance(name: string, open: OpenPacks): void {
  const withPacks =
    (body: (packs: PackStore) => Promise<void>, maxPackBytes = 1 << 20) =>
    async () => {
      const packs = await open({ maxPackBytes })
      try {
        await body(packs)
      } finally {
        await packs.close()
      }
    }

  describe(`${name} keeps the contract of a pack store`, () => {
    test('any chunks come back byte for byte, in whatever order they are read', async () => {
      const anyChunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
      const check = fc.asyncProperty(anyChunks, fc.integer({ min: 1, max: 2000 }), async (contents, maxPackBytes) => {
        await withPacks(async (packs) => {
          const chunks = contents.map(storedChunk)
          const locations = await packs.append(chunks)
          expect(locations).toHaveLength(chunks.length)
          const pairs = chunks.map((chunk, index) => [chunk, locations[index]] as const).toReversed()
          await Promise.all(pairs.map(async ([chunk, location]) => expectChunk(packs, chunk, location)))
        }, maxPackBytes)()
      })
      await fc.assert(check, { numRuns: 25 })
    })

    test(
      'appends that run at once each get the locations of their own chunks',
      withPacks(async (packs) => {
        const batches = Array.from({ length: 30 }, (_, batch) =>
          Array.from({ length: 5 }, (_unused, index) => storedChunk(Buffer.from(`batch ${batch} chunk ${index}`))),
        )
        const located = await Promise.all(batches.map((batch) => packs.append(batch)))
        for (const [index, batch] of batches.entries()) {
          for (const [at, chunk] of batch.entries()) await expectChunk(packs, chunk, located[index]?.[at])
        }
        const all = located.flat().map(({ pack, offset }) => `${pack}:${offset}`)
        expect(new Set(all).size).toBe(150)
      }, 700),
    )

    test(
      'appending nothing does nothing',
      withPacks(async (packs) => {
        expect(await packs.append([])).toEqual([])
      }),
    )

    test(
      'the records tell all that was appended, in their order, with size and form',
      withPacks(async (packs) => {
        const chunks = ['one', 'two', '', 'three'].map((text) => storedChunk(Buffer.from(text)))
        const packed: StoredChunk = { hash: hashOf('packed'), size: 999, compressed: true, bytes: Buffer.from('frame') }
        const locations = [...(await packs.append(chunks)), ...(await packs.append([packed]))]
        const found = []
        for await (const record of packs.records()) found.push(record)
        const expected = [...chunks, packed].map(({ hash, size, compressed }, index) => {
          return { hash, size, compressed, location: locations[index] }
        })
        expect(found).toEqual(expected)
      }, 200),
    )

    test(
      'what is asked for under another hash, size or place is corrupt, never handed out',
      withPacks(async (packs) => {
        const chunk = storedChunk(Buffer.from('the bytes'))
        const [location] = await packs.append([chunk, storedChunk(Buffer.from('others'))])
        if (!location) throw new Error('no location')
        const wrong: [typeof chunk.hash, PackLocation][] = [
          [hashOf('something else'), location],
          [chunk.hash, { ...location, storedSize: location.storedSize - 1 }],
          [chunk.hash, { ...location, storedSize: 2 ** 31 }],
          [chunk.hash, { ...location, offset: location.offset + 1 }],
          [chunk.hash, { ...location, offset: 1e9 }],
          [chunk.hash, { ...location, offset: -1 }],
        ]
        for (const [hash, place] of wrong) await expectCode(packs.read(hash, place), 'chunk-corrupt')
        const together = await Promise.allSettled(wrong.map(([hash, place]) => packs.read(hash, place)))
        expect(together.every((result) => result.status === 'rejected')).toBe(true)
        await expectChunk(packs, chunk, location)
      }),
    )

    test(
      'a bad read beside a good one in the same pack fails alone',
      withPacks(async (packs) => {
        const chunks = ['a', 'b', 'c'].map((text) => storedChunk(Buffer.from(text)))
        const locations = await packs.append(chunks)
        const hashes = [chunks[0]?.hash, hashOf('not b'), chunks[2]?.hash]
        const reads = hashes.map((hash, index) => {
          const location = locations[index]
          if (!hash || !location) throw new Error('not stored')
          return packs.read(hash, location)
        })
        const results = await Promise.allSettled(reads)
        expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      }),
    )

    test(
      'a removed pack is gone, its names and places are never used again',
      withPacks(async (packs) => {
        const chunk = storedChunk(Buffer.from('the bytes'))
        const [first] = await packs.append([chunk])
        if (!first) throw new Error('no location')
        await packs.removePacks([first.pack, first.pack])
        await expectCode(packs.read(chunk.hash, first), 'chunk-missing')
        expect((await packs.packs()).map(({ pack }) => pack)).not.toContain(first.pack)
        const [second] = await packs.append([chunk])
        expect(second?.pack).not.toBe(first.pack)
        await expectCode(packs.read(chunk.hash, first), 'chunk-missing')
        await expectChunk(packs, chunk, second)
      }),
    )

    test(
      'the packs are listed with their sizes, overhead included',
      withPacks(async (packs) => {
        const chunks = Array.from({ length: 10 }, (_, index) => storedChunk(Buffer.alloc(100, index)))
        await packs.append(chunks)
        const listed = await packs.packs()
        expect(listed.length).toBeGreaterThan(1)
        const total = listed.reduce((sum, { bytes }) => sum + bytes, 0)
        expect(total).toBe(10 * (100 + packs.recordOverheadBytes))
      }, 400),
    )

    test(
      'bytes handed in or out may be changed by the caller without harm',
      withPacks(async (packs) => {
        const bytes = Buffer.from('the bytes')
        const chunk = storedChunk(bytes)
        const [location] = await packs.append([chunk])
        bytes.fill(0)
        if (!location) throw new Error('no location')
        const read = await packs.read(chunk.hash, location)
        expect(Buffer.from(read).toString()).toBe('the bytes')
        read.fill(0)
        expect(Buffer.from(await packs.read(chunk.hash, location)).toString()).toBe('the bytes')
      }),
    )

    test(
      'once closed it takes and gives nothing more',
      withPacks(async (packs) => {
        const chunk = storedChunk(Buffer.from('the bytes'))
        const [location] = await packs.append([chunk])
        if (!location) throw new Error('no location')
        await packs.close()
        await expectCode(packs.append([chunk]), 'internal')
        await expectCode(packs.read(chunk.hash, location), 'internal')
      }),
    )
  })
}

async function expectChunk(packs: PackStore, chunk: StoredChunk, location: PackLocation | undefined): Promise<void> {
  if (!location) throw new Error(`no location for ${chunk.hash}`)
  expect(Buffer.compare(await packs.read(chunk.hash, location), chunk.bytes)).toBe(0)
}

async function expectCode(work: Promise<unknown>, code: string): Promise<void> {
  await expect(work).rejects.toThrow(expect.objectContaining({ code }))
}
