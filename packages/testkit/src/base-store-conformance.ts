import type { ContentHash } from '@causeway/protocol'
import type { BaseStore, Files, Stat } from '@causeway/replica'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UserSide } from './user-side.ts'

export interface BaseStoreFixture {
  readonly store: BaseStore
  readonly files: Files
  readonly user: UserSide
  end(): Promise<void> | void
}

const ONE = '1'.repeat(64) as ContentHash
const TWO = '2'.repeat(64) as ContentHash

/** What every `BaseStore` promises. `begin` gives an empty one over an empty tree. */
export function baseStoreConformance(name: string, begin: () => Promise<BaseStoreFixture> | BaseStoreFixture): void {
  describe(`bases kept by ${name}`, () => {
    let fixture: BaseStoreFixture
    beforeEach(async () => {
      fixture = await begin()
    })
    afterEach(() => fixture.end())

    async function statOf(path: string): Promise<Stat> {
      const stat = await fixture.files.stat(path)
      if (stat === undefined) throw new Error(`there is no ${path}`)
      return stat
    }

    async function textOf(content: ContentHash): Promise<string | undefined> {
      const file = await fixture.store.open(content)
      if (file === undefined) return undefined
      try {
        return Buffer.from(await file.read(0, file.stat.size + 1)).toString()
      } finally {
        await file.close()
      }
    }

    test('nothing is there at first', async () => {
      const { store } = fixture
      expect(await store.list()).toEqual([])
      expect(await store.open(ONE)).toBeUndefined()
      await store.remove(ONE)
      await store.touch(ONE)
      await store.clearDrafts()
    })

    test('a kept file stays as it was whatever becomes of the file', async () => {
      const { store, user } = fixture
      user.write('a/notes', 'before')
      expect(await store.keep(ONE, 'a/notes', await statOf('a/notes'))).toBe(true)
      user.write('a/notes', 'after it')
      user.remove('a/notes')
      expect(await textOf(ONE)).toBe('before')
      expect(await store.list()).toMatchObject([{ content: ONE, sizeBytes: 6 }])
    })

    test('a file that is not as expected is not kept', async () => {
      const { store, user } = fixture
      user.write('notes', 'before')
      const stat = await statOf('notes')
      user.write('notes', 'and more')
      expect(await store.keep(ONE, 'notes', stat)).toBe(false)
      user.remove('notes')
      expect(await store.keep(ONE, 'notes', stat)).toBe(false)
      expect(await store.list()).toEqual([])
    })

    test('what is kept again under a name takes its place', async () => {
      const { store, user } = fixture
      user.write('a', 'one')
      user.write('b', 'other')
      await store.keep(ONE, 'a', await statOf('a'))
      await store.keep(ONE, 'b', await statOf('b'))
      expect(await textOf(ONE)).toBe('other')
      expect(await store.list()).toHaveLength(1)
    })

    test('what is removed is gone, and the rest is not', async () => {
      const { store, user } = fixture
      user.write('a', 'one')
      await store.keep(ONE, 'a', await statOf('a'))
      await store.keep(TWO, 'a', await statOf('a'))
      await store.remove(ONE)
      expect([await textOf(ONE), await textOf(TWO)]).toEqual([undefined, 'one'])
    })

    test('what was of use is younger than it was', async () => {
      const { store, user } = fixture
      user.write('a', 'one')
      await store.keep(ONE, 'a', await statOf('a'))
      const [before] = await store.list()
      await new Promise((resolve) => setTimeout(resolve, 12))
      await store.touch(ONE)
      const [after] = await store.list()
      expect(after?.usedAtMs).toBeGreaterThan(before?.usedAtMs ?? Infinity)
    })

    test('none of it is part of the tree', async () => {
      const { store, files, user } = fixture
      user.write('a', 'one')
      await store.keep(ONE, 'a', await statOf('a'))
      expect((await files.list(''))?.entries.map((entry) => entry.name)).toEqual(['a'])
      await expect(files.stat(`.causeway/bases/${ONE}`)).rejects.toMatchObject({ code: 'io-error' })
    })
  })
}
