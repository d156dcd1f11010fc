import { describe, expect, test } from 'vitest'
import type { PackObjects } from '../packs/pack-objects.ts'

/** What every `PackObjects` must do, as tests. `open` gives a new and empty place each time. */
export function packObjectsConformance(name: string, open: () => Promise<PackObjects>): void {
  const bytes = Buffer.from('the whole pack')

  describe(`${name} keeps the contract of a place for whole packs`, () => {
    test('what was saved is read in any stretch, and listed with its size', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      await objects.save('00000002', new Uint8Array())
      const read = async (offset: number, length: number) =>
        Buffer.from(await objects.read('00000001', { offset, length })).toString()
      expect([await read(0, 14), await read(4, 5), await read(14, 0)]).toEqual(['the whole pack', 'whole', ''])
      expect((await objects.list()).toSorted((a, b) => Number(a.pack) - Number(b.pack))).toEqual([
        { pack: '00000001', bytes: 14 },
        { pack: '00000002', bytes: 0 },
      ])
    })

    test('saving the same again is no error', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      await objects.save('00000001', bytes)
      expect(await objects.list()).toEqual([{ pack: '00000001', bytes: 14 }])
    })

    test('other bytes under a name that is taken are refused, and change nothing', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      for (const others of [Buffer.from('THE WHOLE PACK'), bytes.subarray(0, 5)]) {
        await expect(objects.save('00000001', others)).rejects.toThrow(
          expect.objectContaining({ code: 'already-exists' }),
        )
      }
      const read = await objects.read('00000001', { offset: 0, length: 14 })
      expect(Buffer.from(read).toString()).toBe('the whole pack')
    })

    test('the size is that of what was saved, and null where nothing is', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      await objects.save('00000002', new Uint8Array())
      expect([await objects.size('00000001'), await objects.size('00000002')]).toEqual([14, 0])
      expect(await objects.size('00000003')).toBeNull()
      await objects.remove(['00000001'])
      expect(await objects.size('00000001')).toBeNull()
    })

    test('what is not there is missing, and a range beyond the end is corrupt', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      const read = (pack: string, offset: number, length: number) => objects.read(pack, { offset, length })
      await expect(read('00000002', 0, 1)).rejects.toThrow(expect.objectContaining({ code: 'chunk-missing' }))
      await expect(read('00000001', 10, 5)).rejects.toThrow(expect.objectContaining({ code: 'chunk-corrupt' }))
      await expect(read('00000001', -1, 5)).rejects.toThrow(expect.objectContaining({ code: 'chunk-corrupt' }))
    })

    test('what was removed is gone, and removing it again is no error', async () => {
      const objects = await open()
      await objects.save('00000001', bytes)
      await objects.remove([])
      await objects.remove(['00000001', '00000009'])
      await objects.remove(['00000001'])
      expect(await objects.list()).toEqual([])
      await expect(objects.read('00000001', { offset: 0, length: 1 })).rejects.toThrow(
        expect.objectContaining({ code: 'chunk-missing' }),
      )
    })

    test('bytes handed in or out may be changed by the caller without harm', async () => {
      const objects = await open()
      const given = Buffer.from(bytes)
      await objects.save('00000001', given)
      given.fill(0)
      const range = { offset: 0, length: 14 }
      ;(await objects.read('00000001', range)).fill(0)
      expect(Buffer.from(await objects.read('00000001', range)).toString()).toBe('the whole pack')
    })
  })
}
