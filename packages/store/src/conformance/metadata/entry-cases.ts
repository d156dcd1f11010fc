import { ROOT_ID, type EntryState } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListingPage, MetadataStore } from '../../metadata-store.ts'
import {
  applyNow,
  contentHashOf,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  idOf,
  LAPTOP,
  NOON,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { collect, withStore, type OpenStore } from './with-store.ts'

export function entryCases(open: OpenStore): void {
  test(
    'every kind of entry comes back as it was put, bit for bit',
    withStore(open, async (store) => {
      const states = [
        fileState(1, 'naïve\nname 🎈', { contentVector: { laptop: 1, 'phone.2': 7 }, existenceVector: { phone: 3 } }),
        directoryState(2, '.hidden dir'),
        fileState(3, 'link', { content: { kind: 'symlink', target: '../somewhere else' } }),
        fileState(4, 'old', { deleted: true, existenceVector: { laptop: 4 } }),
        fileState(5, 'a copy', { conflictOf: idOf(1) }),
        fileState(6, 'before 1970', {
          content: { kind: 'file', hash: contentHashOf(''), size: 0, mode: 0, mtimeNs: '-9223372036854775808' },
        }),
        fileState(7, 'large', {
          content: {
            kind: 'file',
            hash: contentHashOf('x'),
            size: 2 ** 45 + 1,
            mode: 0o777,
            mtimeNs: '9223372036854775807',
          },
        }),
      ]
      await put(store, states)
      const found = await store.read((tx) => tx.entries(DOCS, [...states.map((state) => state.id), idOf(99)]))
      expect(bySeq(found)).toEqual(states)
      const versions = await store.read((tx) => collect(tx.versionsAsOf(DOCS, 7)))
      expect(bySeq(versions.map((version) => version.state))).toEqual(states)
    }),
  )

  test(
    'what only deciding remembers is kept with an entry, and not with its versions',
    withStore(open, async (store) => {
      const plain = fileState(1, 'a (conflict)', { conflictOf: idOf(9) })
      const state: EntryState = {
        ...plain,
        reachedBy: [{ delete: idOf(8), ends: true }],
        modeSetBy: { at: 3, node: LAPTOP },
        bytesVector: { laptop: 2, 'phone.2': 7 },
        saves: { vectors: [{ laptop: 2 }, { 'phone.2': 7 }], touches: [{ touch: idOf(8), of: { laptop: 1 } }] },
      }
      await put(store, [state])
      expect(await store.read((tx) => tx.entries(DOCS, [idOf(1)]))).toEqual([state])
      const versions = await store.read((tx) => collect(tx.versionsAsOf(DOCS, 1)))
      expect(versions.map((version) => version.state)).toEqual([plain])
    }),
  )

  test(
    'the copies of an entry are those of open conflicts, and what were other versions of it before they were deleted',
    withStore(open, async (store) => {
      const copy = { conflictOf: idOf(1) }
      const states = [
        fileState(1, 'a'),
        fileState(2, 'open', copy),
        fileState(3, 'settled', copy),
        fileState(4, 'gone', { ...copy, deleted: true }),
        fileState(5, 'gone version', { ...copy, deleted: true, bytesVector: { laptop: 2 } }),
        fileState(6, 'of another', { conflictOf: idOf(9) }),
      ]
      const conflicts = [{ folder: DOCS, copy: idOf(2), rival: idOf(1), at: NOON }]
      await store.write((tx) => applyNow(tx, writesOf(states, { conflicts })))
      const found = await store.read((tx) => tx.copiesOf(DOCS, idOf(1)))
      expect(found.map(({ name }) => name).sort()).toEqual(['gone version', 'open'])
    }),
  )

  test(
    'an id asked for twice is answered once, and a folder that is not there holds nothing',
    withStore(open, async (store) => {
      await put(store, [fileState(1, 'a')])
      await store.read(async (tx) => {
        expect(await tx.entries(DOCS, [idOf(1), idOf(1)])).toHaveLength(1)
        expect(await tx.entriesAt(DOCS, [at('a'), at('a')])).toHaveLength(1)
        expect(await tx.entries(PHOTOS, [idOf(1)])).toEqual([])
      })
    }),
  )

  test(
    'folders do not see one another: the same ids and names live in both',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS, name: 'Photos' })))
      await put(store, [fileState(1, 'a')])
      const other = fileState(1, 'a', { contentVector: { phone: 9 } })
      await store.write((tx) => applyNow(tx, writesOf([other], { folder: PHOTOS, versions: [] })))
      expect(await store.read((tx) => tx.entries(PHOTOS, [idOf(1)]))).toEqual([other])
      expect(await store.read((tx) => tx.entries(DOCS, [idOf(1)]))).toEqual([fileState(1, 'a')])
    }),
  )

  test(
    'only a live entry is found at its place',
    withStore(open, async (store) => {
      await put(store, [fileState(1, 'a', { deleted: true }), fileState(2, 'a'), fileState(3, 'b', { deleted: true })])
      const found = await store.read((tx) => tx.entriesAt(DOCS, [at('a'), at('b'), at('c')]))
      expect(found.map((state) => state.id)).toEqual([idOf(2)])
    }),
  )

  test(
    'names that differ in case or in Unicode form are different names',
    withStore(open, async (store) => {
      const names = ['a', 'A', 'é', 'e\u0301']
      await put(
        store,
        names.map((name, index) => fileState(index + 1, name)),
      )
      const found = await store.read((tx) => tx.entriesAt(DOCS, names.map(at)))
      expect(found.map((state) => state.name).toSorted()).toEqual(names.toSorted())
    }),
  )

  test.each([
    ['two entries swap their names', [fileState(3, 'b', { id: idOf(1) }), fileState(4, 'a', { id: idOf(2) })]],
    [
      'one takes the name of one that is deleted after it',
      [fileState(3, 'b', { id: idOf(1) }), fileState(4, 'b', { id: idOf(2), deleted: true })],
    ],
    [
      'a new one takes the name of one that moves away after it',
      [fileState(3, 'a'), fileState(4, 'c', { id: idOf(1) })],
    ],
  ])('in one commit, %s', async (_name, states) => {
    await withStore(open, async (store) => {
      await put(store, [fileState(1, 'a'), fileState(2, 'b')])
      await put(store, states)
      const found = await store.read((tx) =>
        tx.entries(
          DOCS,
          states.map((state) => state.id),
        ),
      )
      expect(bySeq(found)).toEqual(states)
    })()
  })

  test(
    'two live entries at one place are refused',
    withStore(open, async (store) => {
      await put(store, [fileState(1, 'a')])
      await expect(put(store, [fileState(2, 'a')])).rejects.toThrow(expect.objectContaining({ code: 'internal' }))
      expect(await store.read((tx) => tx.entries(DOCS, [idOf(2)]))).toEqual([])
    }),
  )

  test(
    'children come by name, live ones only, page by page without gap or repeat',
    withStore(open, async (store) => {
      const names = ['ä', 'b', 'a', 'Z', 'c', '10', '9']
      await put(store, [
        directoryState(1, 'dir'),
        ...names.map((name, index) => fileState(index + 2, name, { parent: idOf(1) })),
        fileState(20, 'gone', { parent: idOf(1), deleted: true }),
      ])
      const all = await store.read((tx) => tx.children(DOCS, idOf(1), { limit: 100 }))
      expect(all.map((state) => state.name)).toEqual(['10', '9', 'Z', 'a', 'b', 'c', 'ä'])
      const paged: string[] = []
      for (;;) {
        const after = paged.at(-1)
        const page = await store.read((tx) =>
          tx.children(DOCS, idOf(1), after === undefined ? { limit: 2 } : { after, limit: 2 }),
        )
        if (page.length === 0) break
        paged.push(...page.map((state) => state.name))
      }
      expect(paged).toEqual(all.map((state) => state.name))
    }),
  )

  test(
    'the directories among the children come alone where they are asked for',
    withStore(open, async (store) => {
      await put(store, [
        directoryState(1, 'top'),
        directoryState(2, 'b', { parent: idOf(1) }),
        fileState(3, 'a', { parent: idOf(1) }),
        directoryState(4, 'c', { parent: idOf(1) }),
        directoryState(5, 'd', { parent: idOf(1), deleted: true }),
        directoryState(6, 'below', { parent: idOf(2) }),
      ])
      const only = { order: 'name', isDescending: false, kind: 'directory' } as const
      const named = async (page: Pick<ListingPage, 'limit' | 'after'>): Promise<readonly string[]> =>
        (await store.read((tx) => tx.listing(DOCS, idOf(1), { ...only, ...page }))).map(({ state }) => state.name)
      expect(await named({ limit: 100 })).toEqual(['b', 'c'])
      expect(await named({ limit: 1 })).toEqual(['b'])
      expect(await named({ limit: 100, after: { isDirectory: true, value: 0, name: 'b' } })).toEqual(['c'])
    }),
  )

  test(
    'the descendants of a directory come parents first, without what is deleted',
    withStore(open, async (store) => {
      await put(store, [
        directoryState(1, 'top'),
        fileState(2, 'deep', { parent: idOf(4) }),
        directoryState(4, 'sub', { parent: idOf(1) }),
        fileState(5, 'beside', { parent: idOf(1) }),
        directoryState(6, 'gone', { parent: idOf(1), deleted: true }),
        fileState(7, 'elsewhere'),
      ])
      const found = await store.read((tx) => tx.descendants(DOCS, idOf(1)))
      expect(found.map((state) => state.name).toSorted()).toEqual(['beside', 'deep', 'sub'])
      expect(found.at(-1)?.name).toBe('deep')
      expect(await store.read((tx) => tx.descendants(DOCS, ROOT_ID))).toHaveLength(5)
    }),
  )

  test(
    'the levels below a directory are those of its live directories',
    withStore(open, async (store) => {
      await put(store, [
        directoryState(1, 'top'),
        directoryState(2, 'sub', { parent: idOf(1) }),
        directoryState(3, 'deep', { parent: idOf(2) }),
        fileState(4, 'file', { parent: idOf(3) }),
        directoryState(5, 'gone', { parent: idOf(3), deleted: true }),
        directoryState(6, 'beside', { parent: idOf(1) }),
      ])
      const levels = await store.read((tx) => Promise.all([1, 2, 3, 6].map((n) => tx.levelsBelow(DOCS, idOf(n)))))
      expect(levels).toEqual([2, 1, 0, 0])
    }),
  )

  test(
    'renaming a directory changes its own row alone, and all below it moves along',
    withStore(open, async (store) => {
      const children = Array.from({ length: 20 }, (_, index) => fileState(index + 2, `f${index}`, { parent: idOf(1) }))
      await put(store, [directoryState(1, 'before'), ...children])
      await put(store, [directoryState(22, 'after', { id: idOf(1) })])
      await store.read(async (tx) => {
        expect(await tx.changesAfter(DOCS, 21, 100)).toHaveLength(1)
        expect(await tx.descendants(DOCS, idOf(1))).toHaveLength(20)
        expect(await tx.entriesAt(DOCS, [at('before')])).toEqual([])
        expect((await tx.entriesAt(DOCS, [at('after')]))[0]?.id).toBe(idOf(1))
      })
    }),
  )

  test(
    'the ancestors of entries are the directories above them, deleted ones too, each once',
    withStore(open, async (store) => {
      await put(store, [
        directoryState(1, 'top'),
        directoryState(2, 'gone', { parent: idOf(1), deleted: true }),
        fileState(3, 'x', { parent: idOf(2) }),
        fileState(4, 'y', { parent: idOf(2) }),
        fileState(5, 'at the top'),
      ])
      const found = await store.read((tx) => tx.ancestors(DOCS, [idOf(3), idOf(4), idOf(5), idOf(99)]))
      expect(bySeq(found).map((state) => state.id)).toEqual([idOf(1), idOf(2)])
    }),
  )

  test(
    'changes after a seq come by rising seq, each entry once in its newest state',
    withStore(open, async (store) => {
      await put(store, [fileState(1, 'a'), fileState(2, 'b'), fileState(3, 'c')])
      await put(store, [fileState(4, 'a2', { id: idOf(1) }), fileState(5, 'b', { id: idOf(2), deleted: true })])
      const seqs = await store.read(async (tx) => {
        const pages = [await tx.changesAfter(DOCS, 0, 2), await tx.changesAfter(DOCS, 4, 2)]
        return pages.map((page) => page.map((state) => state.seq))
      })
      expect(seqs).toEqual([[3, 4], [5]])
      const count = (seq: number, most: number) => store.read((tx) => tx.countChangesAfter(DOCS, seq, most))
      expect([await count(0, 9), await count(0, 2), await count(4, 9), await count(5, 9)]).toEqual([3, 2, 1, 0])
    }),
  )

  test(
    'search finds a part of a name in any case, also beyond ASCII, and takes signs as they are',
    withStore(open, async (store) => {
      const names = ['Report.pdf', 'ÜBERSICHT', 'a_b', 'axb', '100%']
      await put(store, [
        ...names.map((name, index) => fileState(index + 1, name)),
        fileState(9, 'report old', { deleted: true }),
      ])
      const search = (text: string, limit = 10) =>
        store.read(async (tx) => (await tx.searchEntries(DOCS, text, limit)).map((state) => state.name))
      expect(await search('REPORT')).toEqual(['Report.pdf'])
      expect(await search('über')).toEqual(['ÜBERSICHT'])
      expect(await search('_')).toEqual(['a_b'])
      expect(await search('%')).toEqual(['100%'])
      expect(await search('', 2)).toHaveLength(2)
    }),
  )

  test(
    'an alias leads to the entry it was folded into',
    withStore(open, async (store) => {
      const aliases = [{ alias: idOf(2), entry: idOf(1) }]
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a')], { aliases })))
      const found = await store.read((tx) => tx.aliases(DOCS, [idOf(1), idOf(2), idOf(3)]))
      expect([...found]).toEqual([[idOf(2), idOf(1)]])
    }),
  )

  test(
    'the counts are those of the live entries, after any commits',
    withStore(open, async (store) => {
      let seq = 0
      const known = new Map<string, EntryState>()
      const step = fc.record({ entry: fc.integer({ min: 1, max: 6 }), deleted: fc.boolean(), size: fc.nat(1000) })
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
          async (commits) => {
            for (const commit of commits) {
              const states = commit.map(({ entry, deleted, size }) => {
                seq += 1
                const content = { kind: 'file', hash: contentHashOf('x'), size, mode: 0o600, mtimeNs: '0' } as const
                return entry === 6
                  ? directoryState(seq, `n${entry}`, { id: idOf(entry), deleted })
                  : fileState(seq, `n${entry}`, { id: idOf(entry), deleted, content })
              })
              await put(store, states)
              for (const state of states) known.set(state.id, state)
            }
            const live = [...known.values()].filter((state) => !state.deleted)
            const sizes = live.map((state) => (state.content.kind === 'file' ? state.content.size : 0))
            expect(await store.read((tx) => tx.counts(DOCS))).toEqual({
              files: live.filter((state) => state.content.kind === 'file').length,
              directories: live.filter((state) => state.content.kind === 'directory').length,
              symlinks: 0,
              bytes: sizes.reduce((sum, size) => sum + size, 0),
            })
          },
        ),
        { numRuns: 15 },
      )
    }),
  )
}

function put(store: MetadataStore, states: readonly EntryState[]): Promise<unknown> {
  return store.write((tx) => applyNow(tx, writesOf(states)))
}

function at(name: string) {
  return { parent: ROOT_ID, name }
}

function bySeq(states: readonly EntryState[]): EntryState[] {
  return states.toSorted((a, b) => a.seq - b.seq)
}
