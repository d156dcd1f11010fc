import type { ChunkId } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { ChunkRow, FolderWrites, MetadataStore } from '../../metadata-store.ts'
import {
  DOCS,
  fileState,
  folderRow,
  hashOf,
  idOf,
  LAPTOP,
  membershipRow,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  writesOf,
} from '../fixtures.ts'

/** Opens one new and empty database twice, as two coordinators do. */
export type OpenTwice = () => Promise<readonly [MetadataStore, MetadataStore]>

export function twoHandlesCases(openTwice: OpenTwice): void {
  function withBoth(body: (a: MetadataStore, b: MetadataStore) => Promise<void>): () => Promise<void> {
    return async () => {
      const [a, b] = await openTwice()
      try {
        await a.write((tx) => tx.createFolder(folderRow()))
        await body(a, b)
      } finally {
        await Promise.all([a.close(), b.close()])
      }
    }
  }

  const revisionOf = async (store: MetadataStore): Promise<number> =>
    (await store.read((tx) => tx.folder(DOCS)))?.revision ?? -1

  test(
    'of two commits that were decided on one reading of the folder, the first passes and the second is refused whole',
    withBoth(async (a, b) => {
      const [first, second] = [await revisionOf(a), await revisionOf(b)]
      expect(first).toBe(second)
      const commit = (store: MetadataStore, seq: number, decidedOn: number) =>
        store.write(async (tx) => {
          await tx.putSetting('last', String(seq))
          await tx.applyFolderWrites(writesOf([fileState(seq, `file ${seq}`)], { decidedOn, events: [newEvent(seq)] }))
        })
      await commit(a, 1, first)
      await expect(commit(b, 2, second)).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
      expect(await b.read((tx) => tx.setting('last'))).toBe('1')
      expect(await b.read((tx) => tx.entries(DOCS, [idOf(1), idOf(2)]))).toHaveLength(1)
      expect(await a.read((tx) => tx.eventsAfter(0, {}, 10))).toHaveLength(1)
      await commit(b, 2, await revisionOf(b))
      expect((await a.read((tx) => tx.folder(DOCS)))?.head).toBe(2)
    }),
  )

  test(
    'an event without a change of the log, and a changed setting, make what was decided before outdated too',
    withBoth(async (a, b) => {
      const note = (store: MetadataStore, decidedOn: number) =>
        store.write((tx) => tx.applyFolderWrites(writesOf([], { decidedOn, events: [newEvent(0)] })))
      const before = await revisionOf(b)
      await note(a, before)
      await expect(note(b, before)).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
      const then = await revisionOf(b)
      await a.write((tx) => tx.updateFolder(DOCS, { name: 'Papers' }))
      await expect(note(b, then)).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
      await note(b, await revisionOf(b))
    }),
  )

  test(
    'a halt that comes with a commit is there with it, and goes with one',
    withBoth(async (a, b) => {
      const apply = async (store: MetadataStore, halted: string | null | undefined) => {
        const decidedOn = await revisionOf(store)
        const change = { decidedOn, ...(halted !== undefined && { halted }) }
        await store.write((tx) => tx.applyFolderWrites(writesOf([], change)))
      }
      const found = []
      for (const halted of ['too many deletes', undefined, null]) {
        await apply(a, halted)
        found.push((await b.read((tx) => tx.folder(DOCS)))?.halted)
      }
      expect(found).toEqual(['too many deletes', 'too many deletes', null])
    }),
  )

  test(
    'a commit that counts on a chunk which was removed since it was decided is refused whole',
    withBoth(async (a, b) => {
      const chunk = chunkOf('reused')
      await a.write((tx) => tx.addChunks([chunk]))
      await a.write((tx) => tx.markGarbage('chunk', [chunk.hash], NOON))
      const found = await b.read(async (tx) => ({ held: await tx.chunks([chunk.hash]), at: await tx.removals() }))
      expect(found.held).toEqual([chunk])
      const seen = await a.read((tx) => tx.garbageMarks('chunk'))
      expect(seen.size).toBe(1)
      await a.write((tx) => tx.removeMarked('chunk', new Map([[chunk.hash, NOON]])))
      await expect(b.write((tx) => tx.applyFolderWrites(claiming(chunk.hash, found.at)))).rejects.toThrow(
        expect.objectContaining({ code: 'outdated' }),
      )
      expect(await a.read((tx) => tx.entries(DOCS, [idOf(1)]))).toEqual([])
    }),
  )

  test(
    'a chunk that a commit came to count on is not removed by who found it unused before',
    withBoth(async (a, b) => {
      const chunk = chunkOf('reused')
      await a.write((tx) => tx.addChunks([chunk]))
      await a.write((tx) => tx.markGarbage('chunk', [chunk.hash], NOON))
      const seen = await a.read((tx) => tx.garbageMarks('chunk'))
      expect(seen.get(chunk.hash)).toBe(NOON)
      const at = await b.read((tx) => tx.removals())
      await b.write((tx) => tx.applyFolderWrites(claiming(chunk.hash, at)))
      expect(await a.write((tx) => tx.removeMarked('chunk', new Map([[chunk.hash, NOON]])))).toEqual([])
      expect(await a.read((tx) => tx.chunks([chunk.hash]))).toEqual([chunk])
    }),
  )

  test(
    'a chunk that was lost since a commit was decided makes it outdated too',
    withBoth(async (a, b) => {
      const chunk = chunkOf('reused')
      await a.write((tx) => tx.addChunks([chunk]))
      const at = await b.read((tx) => tx.removals())
      await a.write((tx) => tx.loseChunks([chunk.hash]))
      await expect(b.write((tx) => tx.applyFolderWrites(claiming(chunk.hash, at)))).rejects.toThrow(
        expect.objectContaining({ code: 'outdated' }),
      )
    }),
  )

  test(
    'a commit by rights that were changed since it was decided is refused, and one of a node that was revoked',
    withBoth(async (a, b) => {
      await a.write((tx) => tx.putNode(nodeRow()))
      await a.write((tx) => tx.putMembership(membershipRow()))
      const by = { node: LAPTOP, access: 'read-write' } as const
      const commit = (seq: number) =>
        b.write(async (tx) => {
          const decidedOn = (await tx.folder(DOCS))?.revision ?? -1
          return tx.applyFolderWrites(writesOf([fileState(seq, `file ${seq}`)], { decidedOn, by }))
        })
      await commit(1)
      await a.write((tx) => tx.setRights(DOCS, LAPTOP, { access: 'receive-only' }))
      await expect(commit(2)).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
      await a.write((tx) => tx.setRights(DOCS, LAPTOP, { access: 'read-write' }))
      await a.write((tx) => tx.revokeNode(LAPTOP))
      await expect(commit(2)).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
      expect((await a.read((tx) => tx.folder(DOCS)))?.head).toBe(1)
    }),
  )

  test(
    'a heartbeat that one handle notes does not bring back a node that the other revoked',
    withBoth(async (a, b) => {
      await a.write((tx) => tx.putNode(nodeRow()))
      await b.read((tx) => tx.node(LAPTOP))
      await a.write((tx) => tx.revokeNode(LAPTOP))
      await b.write((tx) => tx.touchNode(LAPTOP, minutes(1)))
      expect((await a.read((tx) => tx.node(LAPTOP)))?.revoked).toBe(true)
    }),
  )

  test(
    'a name that one handle gives a node does not bring it back when the other revoked it',
    withBoth(async (a, b) => {
      await a.write((tx) => tx.putNode(nodeRow()))
      await b.read((tx) => tx.node(LAPTOP))
      await a.write((tx) => tx.revokeNode(LAPTOP))
      await b.write((tx) => tx.changeNode(LAPTOP, { name: 'desk' }))
      expect(await a.read((tx) => tx.node(LAPTOP))).toMatchObject({ name: 'desk', revoked: true })
    }),
  )
}

function chunkOf(text: string): ChunkRow {
  return { hash: hashOf(text), pack: '00000001', offset: 0, storedSize: 4, size: 10, compressed: false }
}

/** The first commit, of one file whose chunk was found to be held. */
function claiming(chunk: ChunkId, decidedOn: number): FolderWrites {
  const contents = { decidedOn, chunks: [], manifests: [], claimed: [chunk] }
  return writesOf([fileState(1, 'reused')], { contents })
}
