import { expect, test } from 'vitest'
import type { NewThroughput } from '../../metadata-store.ts'
import { DOCS, LAPTOP, minutes, NOON, PHONE, PHOTOS } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function throughputCases(open: OpenStore): void {
  test(
    'what moved is added up by the minute and by ten minutes',
    withStore(open, async (store) => {
      const watch = (until: number) => ({ from: NOON, until: minutes(until) })
      await store.write((tx) => tx.addThroughput([moved(1, 10, 100, { at: minutes(3.4) })], watch(4)))
      const more = [moved(2, 20, 200, { at: minutes(3.9) }), moved(4, 0, 0, { at: minutes(5) })]
      await store.write((tx) => tx.addThroughput(more, watch(6)))
      const read = (bucket: 'minute' | 'tenMinutes') => store.read((tx) => tx.throughput(bucket, NOON, { by: 'node' }))
      expect(await read('minute')).toEqual([
        { at: minutes(3), id: LAPTOP, changes: 3, bytesUp: 30, bytesDown: 300 },
        { at: minutes(5), id: LAPTOP, changes: 4, bytesUp: 0, bytesDown: 0 },
      ])
      expect(await read('tenMinutes')).toEqual([{ at: NOON, id: LAPTOP, changes: 7, bytesUp: 30, bytesDown: 300 }])
    }),
  )

  test(
    'it is told by node or by folder, of one of them where asked, from a moment on',
    withStore(open, async (store) => {
      const rows = [
        moved(1, 0, 0),
        moved(2, 0, 0, { node: PHONE }),
        moved(4, 0, 0, { node: PHONE, folder: PHOTOS }),
        moved(8, 0, 0, { at: minutes(2) }),
      ]
      await store.write((tx) => tx.addThroughput(rows, { from: NOON, until: minutes(3) }))
      const changes = async (filter: object, by: 'node' | 'folder', since = NOON) =>
        (await store.read((tx) => tx.throughput('minute', since, { by, ...filter }))).map((row) => [
          row.id,
          row.changes,
        ])
      expect(await changes({}, 'node')).toEqual([LAPTOP, PHONE, LAPTOP].map((id, at) => [id, [1, 6, 8][at]]))
      expect(await changes({}, 'folder', minutes(1))).toEqual([[DOCS, 8]])
      expect(await changes({ folder: PHOTOS }, 'node')).toEqual([[PHONE, 4]])
      expect(await changes({ node: PHONE }, 'folder')).toEqual([
        [DOCS, 2],
        [PHOTOS, 4],
      ])
    }),
  )

  test(
    'minutes are kept for hours and ten minutes for a day: it does not grow for ever',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addThroughput([moved(1, 1, 1)], { from: NOON, until: minutes(1) }))
      const later = { from: minutes(180), until: minutes(181) }
      await store.write((tx) => tx.addThroughput([], later))
      const read = (bucket: 'minute' | 'tenMinutes') => store.read((tx) => tx.throughput(bucket, NOON, { by: 'node' }))
      expect([await read('minute'), (await read('tenMinutes')).length]).toEqual([[], 1])
      expect(await store.read((tx) => tx.watches(NOON))).toHaveLength(2)
      await store.write((tx) => tx.addThroughput([], { from: minutes(3000), until: minutes(3001) }))
      expect(await read('tenMinutes')).toEqual([])
      expect(await store.read((tx) => tx.watches(NOON))).toEqual([{ from: minutes(3000), until: minutes(3001) }])
    }),
  )

  test(
    'when somebody looked is known by each run, as long as it went on',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addThroughput([], { from: NOON, until: minutes(1) }))
      await store.write((tx) => tx.addThroughput([], { from: NOON, until: minutes(5) }))
      await store.write((tx) => tx.addThroughput([], { from: minutes(20), until: minutes(21) }))
      expect(await store.read((tx) => tx.watches(NOON))).toEqual([
        { from: NOON, until: minutes(5) },
        { from: minutes(20), until: minutes(21) },
      ])
      expect(await store.read((tx) => tx.watches(minutes(10)))).toHaveLength(1)
    }),
  )
}

function moved(
  changes: number,
  bytesUp: number,
  bytesDown: number,
  change: Partial<NewThroughput> = {},
): NewThroughput {
  return { at: NOON, folder: DOCS, node: LAPTOP, changes, bytesUp, bytesDown, ...change }
}
