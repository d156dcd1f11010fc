import { compareListed, type Listed, type ListingOrder } from '@causeway/engine'
import { ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DirectorySums, ListedRow, ListingPage, ListingPosition, MetadataStore } from '../../metadata-store.ts'
import { applyNow, contentHashOf, directoryState, DOCS, fileState, idOf, minutes, NOON, writesOf } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

/** Directories as people look at them: sorted, in pages, with what is in them. */
export function listingCases(open: OpenStore): void {
  test(
    'names are listed in natural order, directories first, whatever the length of a page',
    withStore(open, async (store) => {
      const names = ['file10', 'file2', 'File1', 'notes', 'Éclair', 'eclair 2', 'a']
      const states = names.map((name, at) => fileState(at + 1, name))
      const all = [...states, directoryState(20, 'zoo'), directoryState(21, 'dir'), directoryState(22, 'Notes')]
      await store.write((tx) => applyNow(tx, writesOf(all)))
      const expected = ['dir', 'Notes', 'zoo', 'a', 'Éclair', 'eclair 2', 'File1', 'file2', 'file10', 'notes']
      for (const limit of [1, 2, 3, 4, 100]) expect(await allPages(store, { order: 'name', limit })).toEqual(expected)
      const directories = await allPages(store, { order: 'name', limit: 2, kind: 'directory' })
      expect(directories).toEqual(['dir', 'Notes', 'zoo'])
      expect(await store.read((tx) => tx.childCount(DOCS, ROOT_ID))).toBe(10)
    }),
  )

  test('any order, either way, in pages of any length, is the one that the page compares by', async () => {
    const anyEntry = fc.record({
      name: fc.oneof(
        fc.constantFrom('a1', 'A1', 'a01', 'a10', 'a2', 'é', 'e'),
        fc.string({ unit: 'binary', minLength: 1 }),
      ),
      isDirectory: fc.boolean(),
      size: fc.nat(3),
      changedMs: fc.integer({ min: -2, max: 3 }),
    })
    const entries = fc.uniqueArray(anyEntry, { selector: ({ name }) => name, minLength: 1, maxLength: 12 })
    const order = fc.constantFrom<ListingOrder>('name', 'size', 'changed')
    await fc.assert(
      fc.asyncProperty(entries, order, fc.boolean(), fc.integer({ min: 1, max: 5 }), async (given, by, down, limit) => {
        await withStore(open, async (store) => {
          const states = given.map(({ name, isDirectory, size, changedMs }, at) => {
            if (isDirectory) return directoryState(at + 1, name)
            const mtimeNs = String(BigInt(changedMs) * 1_000_000n)
            return fileState(at + 1, name, {
              content: { kind: 'file', hash: contentHashOf(name), size, mode: 0o644, mtimeNs },
            })
          })
          await store.write((tx) => applyNow(tx, writesOf(states)))
          const listed = given.map((one): Listed => (one.isDirectory ? { ...one, size: 0, changedMs: 0 } : one))
          const expected = listed.toSorted(compareListed(by, down)).map(({ name }) => name)
          expect(await allPages(store, { order: by, isDescending: down, limit })).toEqual(expected)
        })()
      }),
      { seed: 2, numRuns: 25 },
    )
  })

  test(
    'directories are sorted by what is in them',
    withStore(open, async (store) => {
      const [small, large] = [directoryState(1, 'small'), directoryState(2, 'large')]
      await store.write((tx) => applyNow(tx, writesOf([small, large, sized(3, 'x', 2, 500), sized(4, 'y', 1, 5)])))
      await store.write((tx) => applyNow(tx, writesOf([sized(5, 'z', 1, 1)], { at: minutes(3) })))
      expect(await allPages(store, { order: 'size', limit: 1 })).toEqual(['small', 'large'])
      expect(await allPages(store, { order: 'changed', limit: 1 })).toEqual(['large', 'small'])
      const [first] = await store.read((tx) =>
        tx.listing(DOCS, ROOT_ID, { order: 'size', isDescending: false, limit: 1 }),
      )
      const within = { files: 2, directories: 0, symlinks: 0, bytes: 6, newestMs: Date.parse(minutes(3)) }
      expect(first?.within).toEqual(within)
    }),
  )

  describe('sums of directories', () => {
    test(
      'a directory that moves takes what is in it from those above it to others',
      withStore(open, async (store) => {
        const [from, to] = [directoryState(1, 'from'), directoryState(2, 'to')]
        const moved = directoryState(3, 'moved', { parent: idOf(1) })
        await store.write((tx) => applyNow(tx, writesOf([from, to, moved, sized(4, 'x', 3, 7)])))
        expect(await sums(store, 1)).toMatchObject({ files: 1, directories: 1, bytes: 7 })
        await store.write((tx) => applyNow(tx, writesOf([{ ...moved, seq: 9, parent: idOf(2) }])))
        expect(await sums(store, 1)).toMatchObject({ files: 0, directories: 0, bytes: 0 })
        expect(await sums(store, 2)).toMatchObject({ files: 1, directories: 1, bytes: 7 })
        expect(await store.read((tx) => tx.directorySums(DOCS, ROOT_ID))).toMatchObject({ files: 1, directories: 3 })
      }),
    )

    test('after any commits they are what a walk through the tree gives', async () => {
      const anyState = fc.record({
        entry: fc.integer({ min: 1, max: 14 }),
        // Only lower ones are above: no commit closes a circle.
        parent: fc.nat(13),
        size: fc.nat(9),
        deleted: fc.boolean(),
      })
      const commits = fc.array(fc.array(anyState, { minLength: 1, maxLength: 8 }), { maxLength: 15 })
      await fc.assert(
        fc.asyncProperty(commits, async (steps) => {
          await withStore(open, async (store) => {
            const held = new Map<EntryId, EntryState>()
            let seq = 0
            for (const step of steps) {
              const states = step.map(({ entry, parent, size, deleted }) =>
                stateOf(++seq, { entry, parent, size, deleted }),
              )
              await store.write((tx) => applyNow(tx, writesOf(states, { versions: [] })))
              for (const state of states) held.set(state.id, state)
            }
            for (const id of [ROOT_ID, ...held.keys()]) {
              const kept = await store.read((tx) => tx.directorySums(DOCS, id))
              expect(kept).toMatchObject(walk(held, id))
            }
          })()
        }),
        { seed: 3, numRuns: 60 },
      )
    })

    test(
      'the newest change is the last commit that touched something in it, a delete as well',
      withStore(open, async (store) => {
        const inner = directoryState(2, 'inner', { parent: idOf(1) })
        await store.write((tx) =>
          applyNow(tx, writesOf([directoryState(1, 'outer'), inner, directoryState(3, 'else')])),
        )
        const file = sized(4, 'x', 2, 1)
        await store.write((tx) => applyNow(tx, writesOf([file], { at: minutes(1) })))
        const gone = { ...file, seq: 5, deleted: true }
        await store.write((tx) => applyNow(tx, writesOf([gone], { at: minutes(2) })))
        expect((await sums(store, 1)).newestMs).toBe(Date.parse(minutes(2)))
        expect((await sums(store, 3)).newestMs).toBeNull()
        expect((await store.read((tx) => tx.directorySums(DOCS, ROOT_ID))).newestMs).toBe(Date.parse(minutes(2)))
        expect(Date.parse(NOON)).toBeLessThan(Date.parse(minutes(2)))
      }),
    )
  })
}

/** Odd ones are directories, even ones files; each lies in an odd one of a lower number, or at the top. */
function stateOf(seq: number, given: { entry: number; parent: number; size: number; deleted: boolean }): EntryState {
  const { entry, parent, size, deleted } = given
  const above = parent % 2 === 1 && parent < entry ? idOf(parent) : ROOT_ID
  const change = { id: idOf(entry), parent: above, deleted }
  const name = `name ${entry}`
  return entry % 2 === 1 ? directoryState(seq, name, change) : { ...sized(seq, name, 0, size), ...change }
}

function sized(seq: number, name: string, parent: number, size: number): EntryState {
  const content = { kind: 'file' as const, hash: contentHashOf(`${name} ${size}`), size, mode: 0o644, mtimeNs: '0' }
  return fileState(seq, name, { parent: parent === 0 ? ROOT_ID : idOf(parent), content })
}

function walk(held: ReadonlyMap<EntryId, EntryState>, id: EntryId): Omit<DirectorySums, 'newestMs'> {
  const found = { files: 0, directories: 0, symlinks: 0, bytes: 0 }
  const open = [id]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { id: child, parent, content, deleted } of held.values()) {
      if (parent !== at || deleted) continue
      if (content.kind === 'file') {
        found.files++
        found.bytes += content.size
      } else if (content.kind === 'directory') {
        found.directories++
        open.push(child)
      }
    }
  }
  return found
}

function sums(store: MetadataStore, entry: number): Promise<DirectorySums> {
  return store.read((tx) => tx.directorySums(DOCS, idOf(entry)))
}

async function allPages(
  store: MetadataStore,
  page: Pick<ListingPage, 'order' | 'limit' | 'kind'> & { readonly isDescending?: boolean },
): Promise<readonly string[]> {
  const found: ListedRow[] = []
  for (;;) {
    const last = found.at(-1)
    const given = { isDescending: false, ...page }
    const next = last === undefined ? given : { ...given, after: positionOf(page.order, last) }
    const rows = await store.read((tx) => tx.listing(DOCS, ROOT_ID, next))
    found.push(...rows)
    if (rows.length < page.limit) return found.map(({ state }) => state.name)
  }
}

function positionOf(order: ListingOrder, { state, within }: ListedRow): ListingPosition {
  const { name, content } = state
  const file = content.kind === 'file' ? content : undefined
  const size = file?.size ?? within?.bytes ?? 0
  const changedMs = file === undefined ? (within?.newestMs ?? 0) : Number(BigInt(file.mtimeNs) / 1_000_000n)
  const value = { name: 0, size, changed: changedMs }[order]
  return { isDirectory: content.kind === 'directory', value, name }
}
