import { addSavings, NO_SAVINGS } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { TRANSFERS_KEPT, type NewTransfer } from '../../metadata-store.ts'
import { contentHashOf, DOCS, folderRow, idOf, LAPTOP, minutes, NOON, PHONE, PHOTOS } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function transferCases(open: OpenStore): void {
  test(
    'a transfer comes back as it was noted, and in the sums of its hour',
    withStore(open, async (store) => {
      const noted = [
        transfer(100, 10, { peerBytes: 60 }),
        transfer(50, 40, { entry: null, path: null, content: null, at: minutes(59) }),
      ]
      const written = await store.write((tx) => tx.addTransfers(noted))
      const found = await store.read((tx) => tx.transfers({}, { order: 'newest', limit: 10 }))
      expect(written).toEqual(found.toReversed())
      expect(found.map(({ position: _position, ...rest }) => rest)).toEqual(noted.toReversed())
      const hours = await store.read((tx) => tx.savings({}, undefined))
      expect(hours).toEqual([
        {
          ...NO_SAVINGS,
          files: 2,
          logicalBytes: 150,
          wireBytes: 50,
          wholeFileBytes: 150,
          peerBytes: 60,
          hour: NOON,
          folder: DOCS,
          node: LAPTOP,
          direction: 'up',
        },
      ])
    }),
  )

  test(
    'sums and transfers are narrowed by folder, node, direction, entry and time',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      const noted = [
        transfer(1, 1),
        transfer(2, 1, { folder: PHOTOS }),
        transfer(3, 1, { node: PHONE, direction: 'down', entry: idOf(7) }),
        transfer(4, 1, { at: minutes(61) }),
      ]
      await store.write((tx) => tx.addTransfers(noted))
      const sizes = (filter: object) =>
        store.read(async (tx) => {
          const found = await tx.transfers(filter, { order: 'newest', limit: 10 })
          return found.map(({ logicalBytes }) => logicalBytes).toSorted((a, b) => a - b)
        })
      expect(await sizes({ folder: PHOTOS })).toEqual([2])
      expect(await sizes({ node: PHONE })).toEqual([3])
      expect(await sizes({ direction: 'up' })).toEqual([1, 2, 4])
      expect(await sizes({ entry: idOf(7) })).toEqual([3])
      const summed = async (filter: object, since?: string) =>
        (await store.read((tx) => tx.savings(filter, since)))
          .map(({ logicalBytes }) => logicalBytes)
          .toSorted((a, b) => a - b)
      expect(await summed({})).toEqual([1, 2, 3, 4])
      expect(await summed({ folder: DOCS, direction: 'up' })).toEqual([1, 4])
      expect(await summed({}, minutes(75))).toEqual([4])
    }),
  )

  test(
    'the total is the sum of all hours, and nothing before the first',
    withStore(open, async (store) => {
      expect(await store.read((tx) => tx.savingsTotal())).toEqual(NO_SAVINGS)
      const noted = [transfer(100, 10), transfer(50, 40, { node: PHONE, direction: 'down', at: minutes(600) })]
      await store.write((tx) => tx.addTransfers(noted))
      const hours = await store.read((tx) => tx.savings({}, undefined))
      expect(await store.read((tx) => tx.savingsTotal())).toEqual(hours.reduce(addSavings, NO_SAVINGS))
    }),
  )

  test(
    'the largest savings and the worst cases come first when asked for',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addTransfers([transfer(100, 90), transfer(100, 5), transfer(100, 110)]))
      const wires = async (order: 'most-saved' | 'least-saved') =>
        (await store.read((tx) => tx.transfers({}, { order, limit: 2 }))).map(({ wireBytes }) => wireBytes)
      expect(await wires('most-saved')).toEqual([5, 90])
      expect(await wires('least-saved')).toEqual([110, 90])
    }),
  )

  test(
    'old transfers go, their sums stay',
    withStore(open, async (store) => {
      const many = Array.from({ length: TRANSFERS_KEPT + 5 }, () => transfer(1, 1))
      await store.write((tx) => tx.addTransfers(many))
      const [oldest] = await store.read((tx) => tx.transfers({}, { order: 'newest', before: 7, limit: 1 }))
      expect(oldest?.position).toBe(6)
      expect(await store.read((tx) => tx.transfers({}, { order: 'newest', before: 6, limit: 1 }))).toEqual([])
      expect((await store.read((tx) => tx.savings({}, undefined)))[0]?.files).toBe(TRANSFERS_KEPT + 5)
    }),
  )

  test(
    'a transfer of a folder that is not there is left out',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addTransfers([transfer(1, 1, { folder: PHOTOS })]))
      expect(await store.read((tx) => tx.transfers({}, { order: 'newest', limit: 1 }))).toEqual([])
    }),
  )
}

function transfer(logicalBytes: number, wireBytes: number, change: Partial<NewTransfer> = {}): NewTransfer {
  return {
    ...NO_SAVINGS,
    files: 1,
    logicalBytes,
    wireBytes,
    wholeFileBytes: logicalBytes,
    folder: DOCS,
    node: LAPTOP,
    direction: 'up',
    entry: idOf(1),
    path: 'notes/a.md',
    content: contentHashOf('a'),
    at: NOON,
    ...change,
  }
}
