import { hash as sha } from 'node:crypto'
import { DigestSums, entryDigest } from '@causeway/engine'
import { ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MetadataStore } from '../../metadata-store.ts'
import { applyNow, directoryState, DOCS, fileState, folderRow, idOf, PHOTOS, writesOf } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function digestCases(open: OpenStore): void {
  test(
    'a folder is summed up once somebody asks, page by page, and then kept up with every commit',
    withStore(open, async (store) => {
      const states = Array.from({ length: 25 }, (_, at) => fileState(at + 1, `file ${at}`, { deleted: at % 5 === 0 }))
      await store.write((tx) => applyNow(tx, writesOf(states)))
      expect(await store.read((tx) => tx.digest(DOCS))).toBeUndefined()
      expect(await store.write((tx) => tx.countDigest(DOCS, 10))).toBe(false)
      expect(await store.write((tx) => tx.countDigest(DOCS, 10))).toBe(false)
      expect(await store.read((tx) => tx.digest(DOCS))).toBeUndefined()
      expect(await store.write((tx) => tx.countDigest(DOCS, 10))).toBe(true)
      expect(await differences(store, states)).toEqual([])

      const [gone, edited, moved, added] = [
        fileState(30, 'file 1', { id: idOf(2), deleted: true }),
        fileState(31, 'file 2', { id: idOf(3), contentVector: { phone: 1 } }),
        fileState(32, 'elsewhere', { id: idOf(4), parent: idOf(9) }),
        fileState(33, 'new'),
      ]
      const changed = [gone, edited, moved, added]
      await store.write((tx) => applyNow(tx, writesOf(changed)))
      const kept = states.filter(({ id }) => !changed.some((state) => state.id === id))
      expect(await differences(store, [...kept, ...changed])).toEqual([])
    }),
  )

  test('sums kept up while random commits and counting take turns are those of what is there', async () => {
    const anyState = fc.record({
      entry: fc.integer({ min: 1, max: 12 }),
      parent: fc.constantFrom(0, 1, 2),
      deleted: fc.boolean(),
    })
    const anyStep = fc.oneof(
      fc.record({ kind: fc.constant('commit'), states: fc.array(anyState, { minLength: 1, maxLength: 6 }) }),
      fc.record({ kind: fc.constant('count'), most: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('forget') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
        await withStore(open, async (store) => {
          const held = new Map<EntryId, EntryState>()
          let seq = 0
          for (const step of steps) {
            if (step.kind === 'count') await store.write((tx) => tx.countDigest(DOCS, step.most))
            else if (step.kind === 'forget') await store.write((tx) => tx.forgetDigest(DOCS))
            else {
              const states = step.states.map(({ entry, parent, deleted }) => {
                seq++
                const place = parent === 0 ? ROOT_ID : idOf(parent)
                return fileState(seq, `name ${entry}`, { id: idOf(entry), parent: place, deleted })
              })
              await store.write((tx) => applyNow(tx, writesOf(states, { versions: [] })))
              for (const state of states) held.set(state.id, state)
            }
          }
          while (!(await store.write((tx) => tx.countDigest(DOCS, 5))));
          expect(await differences(store, [...held.values()])).toEqual([])
        })()
      }),
      { seed: 1, numRuns: 40 },
    )
  })

  test(
    'a commit that fails changes no sum',
    withStore(open, async (store) => {
      const states = [fileState(1, 'a')]
      await store.write((tx) => applyNow(tx, writesOf(states)))
      await store.write((tx) => tx.countDigest(DOCS, 100))
      const failed = store.write(async (tx) => {
        await applyNow(tx, writesOf([fileState(2, 'b')]))
        throw new Error('not this time')
      })
      await expect(failed).rejects.toThrow('not this time')
      expect(await differences(store, states)).toEqual([])
    }),
  )

  test(
    'the directories that hold something live are named once each, by id, in pages',
    withStore(open, async (store) => {
      const states = [
        directoryState(1, 'a'),
        directoryState(2, 'b'),
        fileState(3, 'x', { parent: idOf(1) }),
        fileState(4, 'y', { parent: idOf(1) }),
        fileState(5, 'z', { parent: idOf(2), deleted: true }),
        fileState(6, 'w', { parent: idOf(7) }),
      ]
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS, name: 'Photos' })))
      await store.write((tx) => applyNow(tx, writesOf(states)))
      expect(await store.read((tx) => tx.directoriesAfter(DOCS, '', 2))).toEqual([idOf(1), idOf(7)])
      expect(await store.read((tx) => tx.directoriesAfter(DOCS, idOf(7), 2))).toEqual([ROOT_ID])
      expect(await store.read((tx) => tx.directoriesAfter(DOCS, ROOT_ID, 2))).toEqual([])
      expect(await store.read((tx) => tx.directoriesAfter(PHOTOS, '', 2))).toEqual([])
    }),
  )
}

/** The buckets in which the store's sums are not those of these states. */
async function differences(store: MetadataStore, states: readonly EntryState[]): Promise<readonly number[]> {
  const expected = new DigestSums()
  for (const state of states) {
    if (!state.deleted)
      expected.add(
        state.parent,
        entryDigest((text) => sha('sha256', text, 'buffer'), state),
      )
  }
  const sums = await store.read((tx) => tx.digest(DOCS))
  if (sums === undefined) throw new Error('the folder is not summed up')
  return sums.differing(expected)
}
