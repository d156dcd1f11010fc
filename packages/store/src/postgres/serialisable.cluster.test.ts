import { beforeEach, expect, onTestFinished, test } from 'vitest'
import {
  DOCS,
  fileState,
  folderRow,
  hashOf,
  LAPTOP,
  membershipRow,
  newEvent,
  nodeRow,
  NOON,
  PHONE,
  PHOTOS,
  writesOf,
} from '../conformance/fixtures.ts'
import type { FolderWrites, MetadataStore } from '../metadata-store.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

let a: MetadataStore
let b: MetadataStore

beforeEach(async () => {
  const url = freshSchema()
  a = await openPostgresMetadataStore({ url })
  b = await openPostgresMetadataStore({ url })
  const [one, two] = [a, b]
  onTestFinished(async () => void (await Promise.all([one.close(), two.close()])))
  for (const id of [DOCS, PHOTOS]) await a.write((tx) => tx.createFolder(folderRow({ id })))
})

test('of two writes that each count on what the other changes, one sees what the other did', async () => {
  const takeOff = async (store: MetadataStore, mine: string, other: string): Promise<boolean> => {
    return store.write(async (tx) => {
      const isOtherOn = (await tx.setting(other)) !== 'off'
      await both.meet()
      if (isOtherOn) await tx.putSetting(mine, 'off')
      return isOtherOn
    })
  }
  const both = new Meeting()
  const taken = await Promise.all([takeOff(a, 'left', 'right'), takeOff(b, 'right', 'left')])
  expect(new Set(taken)).toEqual(new Set([false, true]))
})

test('what two count up at once is counted twice', async () => {
  const both = new Meeting()
  const countUp = (store: MetadataStore) =>
    store.write(async (tx) => {
      const count = Number((await tx.setting('count')) ?? '0')
      await both.meet()
      await tx.putSetting('count', String(count + 1))
    })
  await Promise.all([countUp(a), countUp(b)])
  expect(await a.read((tx) => tx.setting('count'))).toBe('2')
})

test('two that put new nodes at once give them places of their own', async () => {
  const both = new Meeting()
  const put = (store: MetadataStore, node: ReturnType<typeof nodeRow>) =>
    store.write(async (tx) => {
      await tx.nodes()
      await both.meet()
      await tx.putNode(node)
    })
  await Promise.all([put(a, nodeRow()), put(b, nodeRow({ id: PHONE }))])
  const ordinals = (await a.read((tx) => tx.nodes())).map(({ ordinal }) => ordinal)
  expect(new Set(ordinals)).toEqual(new Set([0, 1]))
})

test('a commit to one folder does not wait for one to another that has not ended', async () => {
  await a.write(async (tx) => {
    await tx.applyFolderWrites(writesOf([fileState(1, 'slow')], { decidedOn: 0 }))
    const quick = { ...writesOf([fileState(1, 'quick')], { decidedOn: 0, versions: [] }), folder: PHOTOS }
    await b.write((other) => other.applyFolderWrites(quick), PHOTOS)
    expect((await b.read((other) => other.folder(PHOTOS)))?.head).toBe(1)
  }, DOCS)
  expect((await b.read((tx) => tx.folder(DOCS)))?.head).toBe(1)
})

test('through one handle, a long write to one folder does not hold up another folder', async () => {
  let quick: Promise<unknown> | undefined
  await a.write(async (tx) => {
    await tx.applyFolderWrites(writesOf([fileState(1, 'slow')], { decidedOn: 0 }))
    const writes = { ...writesOf([fileState(1, 'quick')], { decidedOn: 0, versions: [] }), folder: PHOTOS }
    quick ??= a.write((other) => other.applyFolderWrites(writes), PHOTOS)
    await quick
  }, DOCS)
  expect((await a.read((tx) => tx.folder(PHOTOS)))?.head).toBe(1)
})

const scopes = [
  ['alone in the database', undefined],
  ['alone in its folder', DOCS],
] as const

test.each(scopes)(
  'a garbage mark that is made while a commit is being written %s is taken off by what it claims',
  async (_, scope) => {
    const chunk = { hash: hashOf('reused'), pack: '00000001', offset: 0, storedSize: 4, size: 10, compressed: false }
    await a.write((tx) => tx.addChunks([chunk]))
    const decidedOn = await b.read((tx) => tx.removals())
    const contents = { decidedOn, chunks: [], manifests: [], claimed: [chunk.hash] }
    const mark = once(() => a.write((tx) => tx.markGarbage('chunk', [chunk.hash], NOON)))
    await b.write(async (tx) => {
      await tx.folder(DOCS)
      await mark()
      await tx.applyFolderWrites(writesOf([fileState(1, 'reused')], { decidedOn: 0, contents }))
    }, scope)
    expect(await a.read((tx) => tx.garbageMarks('chunk'))).toEqual(new Map())
  },
)

test('a pack that is marked while chunks are noted in it keeps no mark', async () => {
  const chunk = { hash: hashOf('new'), pack: '00000001', offset: 0, storedSize: 4, size: 10, compressed: false }
  await a.write((tx) => tx.notePacks([{ pack: chunk.pack, knownTo: 0 }]))
  const mark = once(() => a.write((tx) => tx.markGarbage('pack', [chunk.pack], NOON)))
  await b.write(async (tx) => {
    await tx.folder(DOCS)
    await mark()
    await tx.addChunks([chunk])
  })
  expect(await a.read((tx) => tx.garbageMarks('pack'))).toEqual(new Map())
})

test.each(scopes)('rights that are taken away while a commit is being written %s are gone for it', async (_, scope) => {
  await a.write((tx) => tx.putNode(nodeRow()))
  await a.write((tx) => tx.putMembership(membershipRow()))
  const by = { node: LAPTOP, access: 'read-write' } as const
  const revoke = once(() => a.write((tx) => tx.revokeNode(LAPTOP)))
  const commit = b.write(async (tx) => {
    await tx.folder(DOCS)
    await revoke()
    await tx.applyFolderWrites(writesOf([fileState(1, 'late')], { decidedOn: 0, by }))
  }, scope)
  await expect(commit).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
})

test('two writes that append to the logs of two folders in turn, the other way round, both go through', async () => {
  const both = new Meeting()
  const note = (folder: FolderWrites['folder'], decidedOn: number) => {
    return { ...writesOf([], { decidedOn, events: [newEvent(0, { folder })] }), folder }
  }
  const inTurn = (store: MetadataStore, [first, second]: readonly [FolderWrites['folder'], FolderWrites['folder']]) =>
    store.write(async (tx) => {
      for (const id of [first, second]) {
        const { revision } = (await tx.folder(id)) ?? folderRow()
        await both.meet()
        await tx.applyFolderWrites(note(id, revision))
      }
    })
  await Promise.all([inTurn(a, [DOCS, PHOTOS]), inTurn(b, [PHOTOS, DOCS])])
  expect(await a.read((tx) => tx.eventsAfter(0, {}, 10))).toHaveLength(4)
})

test.each(scopes)(
  'a chunk that is removed while a commit is being written %s is found to be gone',
  async (_, scope) => {
    const chunk = { hash: hashOf('reused'), pack: '00000001', offset: 0, storedSize: 4, size: 10, compressed: false }
    await a.write((tx) => tx.addChunks([chunk]))
    await a.write((tx) => tx.markGarbage('chunk', [chunk.hash], NOON))
    const decidedOn = await b.read((tx) => tx.removals())
    const contents = { decidedOn, chunks: [], manifests: [], claimed: [chunk.hash] }
    const remove = once(() => a.write((tx) => tx.removeMarked('chunk', new Map([[chunk.hash, NOON]]))))
    const commit = b.write(async (tx) => {
      await tx.folder(DOCS)
      await remove()
      await tx.applyFolderWrites(writesOf([fileState(1, 'reused')], { decidedOn: 0, contents }))
    }, scope)
    await expect(commit).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
  },
)

test('commits of one folder through two handles wait for each other, and none has to be run again', async () => {
  let runs = 0
  const commit = (store: MetadataStore, name: string) =>
    store.write(async (tx) => {
      runs += 1
      const { head, revision } = (await tx.folder(DOCS)) ?? folderRow()
      await tx.applyFolderWrites(writesOf([fileState(head + 1, name)], { decidedOn: revision }))
    }, DOCS)
  await Promise.all(Array.from({ length: 20 }, (_, at) => commit(at % 2 === 0 ? a : b, `file ${at}`)))
  expect((await a.read((tx) => tx.folder(DOCS)))?.head).toBe(20)
  expect(runs).toBe(20)
})

/** The first two wait for each other; who comes later goes on at once. */
class Meeting {
  #here = 0
  #release: () => void = () => undefined
  readonly #all = new Promise<void>((resolve) => (this.#release = resolve))

  meet(): Promise<void> {
    this.#here += 1
    if (this.#here === 2) this.#release()
    return this.#all
  }
}

function once(work: () => Promise<unknown>): () => Promise<unknown> {
  let done: Promise<unknown> | undefined
  return () => (done ??= work())
}
