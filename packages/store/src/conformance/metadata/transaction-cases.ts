import { expect, test } from 'vitest'
import type { MetadataReader } from '../../metadata-store.ts'
import { applyNow, DOCS, fileState, idOf, minutes, newEvent, writesOf } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function transactionCases(open: OpenStore): void {
  test(
    'what a write did is read by the next read',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putSetting('colour', 'blue'))
      expect(await store.read((tx) => tx.setting('colour'))).toBe('blue')
    }),
  )

  test(
    'a write reads its own changes',
    withStore(open, async (store) => {
      const seen = await store.write(async (tx) => {
        await tx.putSetting('colour', 'blue')
        return tx.setting('colour')
      })
      expect(seen).toBe('blue')
    }),
  )

  test(
    'a write that throws leaves nothing behind, and its error reaches the caller as it is',
    withStore(open, async (store) => {
      const failure = new Error('changed my mind')
      const writing = store.write(async (tx) => {
        await applyNow(tx, writesOf([fileState(1, 'a')], { events: [newEvent(1)] }))
        await tx.putSetting('colour', 'blue')
        throw failure
      })
      await expect(writing).rejects.toBe(failure)
      await store.read(async (tx) => {
        expect(await tx.setting('colour')).toBeUndefined()
        expect(await tx.entries(DOCS, [idOf(1)])).toEqual([])
        expect(await tx.eventsAfter(0, {}, 10)).toEqual([])
        expect((await tx.folder(DOCS))?.head).toBe(0)
        expect((await tx.counts(DOCS)).files).toBe(0)
      })
    }),
  )

  test(
    'of writes that run at once, one that throws does not hurt those before and after it',
    withStore(open, async (store) => {
      const results = await Promise.allSettled([
        store.write((tx) => tx.putSetting('first', 'kept')),
        store.write(async (tx) => {
          await tx.putSetting('second', 'lost')
          throw new Error('no')
        }),
        store.write((tx) => tx.putSetting('third', 'kept')),
      ])
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      await store.read(async (tx) => {
        expect(await tx.setting('first')).toBe('kept')
        expect(await tx.setting('second')).toBeUndefined()
        expect(await tx.setting('third')).toBe('kept')
      })
    }),
  )

  test(
    'writes run one at a time and in call order',
    withStore(open, async (store) => {
      const writes = Array.from({ length: 200 }, (_, index) =>
        store.write(async (tx) => {
          const sofar = (await tx.setting('order')) ?? ''
          await pause()
          await tx.putSetting('order', `${sofar}${index} `)
        }),
      )
      await Promise.all(writes)
      const expected = Array.from({ length: 200 }, (_, index) => `${index} `).join('')
      expect(await store.read((tx) => tx.setting('order'))).toBe(expected)
    }),
  )

  test(
    'a read that overlaps a write sees nothing of it or all of it',
    withStore(open, async (store) => {
      const writing = store.write(async (tx) => {
        await tx.putSetting('left', '1')
        await pause()
        await tx.putSetting('right', '1')
      })
      const reads = Array.from({ length: 20 }, () =>
        store.read(async (tx) => {
          const left = await tx.setting('left')
          await pause()
          return [left, await tx.setting('right')]
        }),
      )
      for (const [left, right] of await Promise.all(reads)) expect(left).toBe(right)
      await writing
      const after = await store.read(async (tx) => [await tx.setting('left'), await tx.setting('right')])
      expect(after).toEqual(['1', '1'])
    }),
  )

  test(
    'a read sees one snapshot to its end, whatever is written meanwhile',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putSetting('version', '0'))
      const writes: Promise<void>[] = []
      const seen = await store.read(async (tx) => {
        const first = await tx.setting('version')
        writes.push(store.write((writer) => writer.putSetting('version', '1')))
        for (let turn = 0; turn < 5; turn++) await pause()
        return [first, await tx.setting('version')]
      })
      await Promise.all(writes)
      expect(seen).toEqual(['0', '0'])
      expect(await store.read((tx) => tx.setting('version'))).toBe('1')
    }),
  )

  test(
    'more reads at once than any pool has connections all get their answer',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putSetting('colour', 'blue'))
      const read = (tx: MetadataReader) => pause().then(() => tx.setting('colour'))
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.read(read)))
      expect(new Set(answers)).toEqual(new Set(['blue']))
    }),
  )

  test(
    'a transaction kept after its work has ended refuses to be used',
    withStore(open, async (store) => {
      const reader = await store.read(async (tx) => ({ tx }))
      const writer = await store.write(async (tx) => ({ tx }))
      await expect(reader.tx.folders()).rejects.toThrow(expect.objectContaining({ code: 'internal' }))
      await expect(writer.tx.putSetting('colour', 'blue')).rejects.toThrow(
        expect.objectContaining({ code: 'internal' }),
      )
    }),
  )

  test(
    'closing waits for the writes under way, and then nothing more is taken',
    withStore(open, async (store) => {
      const writing = store.write(async (tx) => {
        await pause()
        await tx.putSetting('colour', 'blue')
        return 'written'
      })
      await store.close()
      expect(await writing).toBe('written')
      await expect(store.read((tx) => tx.folders())).rejects.toThrow(expect.objectContaining({ code: 'internal' }))
      await expect(store.write((tx) => tx.putSetting('colour', 'red'))).rejects.toThrow(
        expect.objectContaining({ code: 'internal' }),
      )
    }),
  )

  test(
    'a commit that would move a log back is refused whole',
    withStore(open, async (store) => {
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a'), fileState(2, 'b')])))
      const late = writesOf([fileState(3, 'c')], { head: 1, at: minutes(1) })
      await expect(store.write((tx) => applyNow(tx, late))).rejects.toThrow(/already past position 1/)
      expect(await store.read((tx) => tx.entries(DOCS, [idOf(3)]))).toEqual([])
    }),
  )
}

/** Lets other work of the process run. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
