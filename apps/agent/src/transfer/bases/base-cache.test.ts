import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { FolderIdSchema, ROOT_ID, SyncError, type EntryId, type ContentHash } from '@causeway/protocol'
import type { BaseEntry, BaseStore } from '@causeway/replica'
import { createMemoryBaseStore, createMemoryFiles, type MemoryFiles } from '@causeway/testkit'
import { contentHashOf } from '../test-support/memory-link.ts'
import { createBaseCache, type BaseCache, type FolderBases } from './base-cache.ts'

const KIB = 1024
const forever = new AbortController().signal

/** A folder whose files both sides hold as they are. */
class TestFolder {
  readonly disk: MemoryFiles
  readonly store: BaseStore
  readonly candidates = new Set<EntryId>()
  readonly base = new Map<EntryId, BaseEntry>()
  readonly bases: FolderBases
  readonly #id: string

  constructor(id: string, cache: BaseCache, store?: BaseStore) {
    let ticks = 0n
    this.#id = id
    this.disk = createMemoryFiles({ now: () => (ticks += 1n) })
    this.store = store ?? createMemoryBaseStore({ files: this.disk.files, now: () => ++clock })
    this.bases = this.open(cache)
  }

  open(cache: BaseCache): FolderBases {
    return cache.open({
      folder: FolderIdSchema.parse(this.#id),
      store: this.store,
      files: this.disk.files,
      state: {
        base: (id) => this.base.get(id),
        baseByHash: (hash) =>
          [...this.base.values()].find(({ content }) => content.kind === 'file' && content.hash === hash),
      },
      candidates: this.candidates,
    })
  }

  /** Both sides agree on a file. */
  async agree(name: string, bytes: Uint8Array): Promise<ContentHash> {
    this.disk.user.write(name, bytes)
    const stat = await this.disk.files.stat(name)
    if (stat === undefined) throw new Error('it is gone')
    const hash = contentHashOf(bytes)
    const content = { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: '0' } as const
    const id = `${this.#id}-${name}.1` as EntryId
    const vectors = { placeVector: {}, contentVector: {}, existenceVector: {} }
    this.base.set(id, { id, parent: ROOT_ID, name, ...vectors, content, stat, seq: 1, racy: false })
    this.candidates.add(id)
    return hash
  }

  async held(): Promise<readonly ContentHash[]> {
    return (await this.store.list()).map(({ content }) => content).sort()
  }

  async heldBytes(): Promise<number> {
    return (await this.store.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  }
}

let clock = 0
let cache: BaseCache
let folder: TestFolder
beforeEach(() => {
  clock = 0
  cache = createBaseCache(1024 * KIB, () => ++clock)
  folder = new TestFolder('one', cache)
})

test('a file that both sides hold can be read as it was after it was edited', async () => {
  const before = text(200 * KIB, 1)
  const hash = await folder.agree('notes', before)
  await folder.bases.tidy(forever)
  folder.disk.user.write('notes', text(100 * KIB, 2))
  const file = await folder.bases.open(hash)
  expect(Buffer.compare((await file?.read(0, before.length)) ?? Buffer.alloc(0), before)).toBe(0)
})

test.each([
  ['a small file, which travels whole anyway', text(64 * KIB, 1)],
  ['what is compressed already', randomBytes(300 * KIB)],
  ['a file larger than all that may be kept', text(1025 * KIB, 1)],
])('%s is not kept', async (_what, bytes) => {
  await folder.agree('it', bytes)
  await folder.bases.tidy(forever)
  expect(await folder.held()).toEqual([])
})

test('a file that was saved again meanwhile is not kept as what it was', async () => {
  await folder.agree('notes', text(200 * KIB, 1))
  folder.disk.user.write('notes', text(200 * KIB, 2))
  await folder.bases.tidy(forever)
  expect(await folder.held()).toEqual([])
})

test('what no file holds any more is dropped', async () => {
  const first = await folder.agree('notes', text(200 * KIB, 1))
  await folder.bases.tidy(forever)
  expect(await folder.held()).toEqual([first])
  const second = await folder.agree('notes', text(200 * KIB, 2))
  await folder.bases.tidy(forever)
  expect(await folder.held()).toEqual([second])
})

test('the least recently used go first, in whichever folder they are', async () => {
  const other = new TestFolder('two', cache)
  const oldest = await folder.agree('a', text(400 * KIB, 1))
  await folder.bases.tidy(forever)
  const middle = await other.agree('b', text(400 * KIB, 2))
  await other.bases.tidy(forever)
  await (await folder.bases.open(oldest))?.close()
  const newest = await folder.agree('c', text(400 * KIB, 3))
  await folder.bases.tidy(forever)
  expect([await folder.held(), await other.held()]).toEqual([[newest, oldest].sort(), []])
  expect(await other.bases.open(middle)).toBeUndefined()
})

test('whatever is saved, in whatever order, all folders together stay within the budget', async () => {
  const anySave = fc.record({
    folder: fc.nat(1),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    kib: fc.integer({ min: 1, max: 600 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anySave, { maxLength: 12 }), fc.nat(1000), async (saves, budgetKib) => {
      const small = createBaseCache(budgetKib * KIB, () => ++clock)
      const folders = [new TestFolder('one', small), new TestFolder('two', small)]
      for (const save of saves) {
        const chosen = folders[save.folder]
        await chosen?.agree(save.name, text(save.kib * KIB, save.kib))
        await chosen?.bases.tidy(forever)
        let bytes = 0
        for (const each of folders) bytes += await each.heldBytes()
        expect(bytes).toBeLessThanOrEqual(budgetKib * KIB)
      }
    }),
    { numRuns: 30 },
  )
})

describe('a later process', () => {
  test('finds what the first one kept', async () => {
    const hash = await folder.agree('notes', text(200 * KIB, 1))
    await folder.bases.tidy(forever)
    const again = folder.open(createBaseCache(1024 * KIB, () => ++clock))
    expect(await again.open(hash)).toBeDefined()
    await again.tidy(forever)
    expect(await folder.held()).toEqual([hash])
  })

  test('keeps to a smaller budget, and with none drops everything', async () => {
    await folder.agree('a', text(400 * KIB, 1))
    await folder.agree('b', text(400 * KIB, 2))
    await folder.bases.tidy(forever)
    await folder.open(createBaseCache(500 * KIB, () => ++clock)).tidy(forever)
    expect(await folder.held()).toHaveLength(1)
    await folder.open(createBaseCache(0, () => ++clock)).tidy(forever)
    expect(await folder.held()).toEqual([])
  })
})

test('purged, it is empty, and fills again', async () => {
  await folder.agree('a', text(400 * KIB, 1))
  await folder.bases.tidy(forever)
  expect([await folder.bases.purge(), await folder.bases.purge()]).toEqual([true, false])
  const hash = await folder.agree('a', text(400 * KIB, 2))
  await folder.bases.tidy(forever)
  expect(await folder.held()).toEqual([hash])
})

test('a disk that refuses is no trouble: there is just no base', async () => {
  const refused = async (): Promise<never> => {
    throw new SyncError('io-error', 'the disk refused')
  }
  const broken = { list: refused, keep: refused, open: refused, touch: refused, remove: refused, clearDrafts: refused }
  const other = new TestFolder('two', cache, broken)
  const hash = await other.agree('a', text(400 * KIB, 1))
  await other.bases.tidy(forever)
  expect(await other.bases.open(hash)).toBeUndefined()
  await other.bases.drop(hash)
})

test('it stops between two files when there is something else to do', async () => {
  await folder.agree('a', text(200 * KIB, 1))
  await folder.agree('b', text(200 * KIB, 2))
  const busy = new AbortController()
  const { keep } = folder.store
  folder.store.keep = async (...file) => {
    busy.abort()
    return keep(...file)
  }
  await folder.bases.tidy(busy.signal)
  expect(await folder.held()).toHaveLength(1)
  await folder.bases.tidy(forever)
  expect(await folder.held()).toHaveLength(2)
})

function text(length: number, seed: number): Uint8Array {
  const line = Buffer.from(`line of ${seed} `)
  return new Uint8Array(length).map((_, at) => line[(at + Math.floor(at / 977)) % line.length] ?? 0)
}
