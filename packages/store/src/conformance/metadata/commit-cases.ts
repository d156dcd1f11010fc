import { NO_NEEDS, placeKey } from '@causeway/engine'
import { encodeManifest, READING, ROOT_ID } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { CommitNeeds, NewEvent } from '../../metadata-store.ts'
import {
  applyNow,
  contentHashOf,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  hashOf,
  idOf,
  keepNow,
  LAPTOP,
  membershipRow,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  PHONE,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

const NOTHING: CommitNeeds = {
  node: LAPTOP,
  counters: [],
  chunks: [],
  manifests: [],
  rows: NO_NEEDS,
  reads: READING,
  deletesFrom: null,
  sentFrom: null,
}

export function commitCases(open: OpenStore): void {
  test(
    'the folder, the committer and the outcomes that it was given come together',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.putMembership(membershipRow()))
      const outcome = new Uint8Array([1, 2])
      await store.write((tx) => applyNow(tx, writesOf([], { outcomes: [{ node: LAPTOP, counter: 3, outcome }] })))
      const found = await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, counters: [3, 4] }))
      expect(found.folder?.id).toBe(DOCS)
      expect(found.node?.id).toBe(LAPTOP)
      expect(found.membership).toEqual(membershipRow())
      expect([...found.outcomes.keys()]).toEqual([3])
      const stranger = await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, node: PHONE }))
      expect([stranger.node, stranger.membership]).toEqual([undefined, undefined])
    }),
  )

  test(
    'an entry comes through its aliases with all directories above it, and what is not there as null',
    withStore(open, async (store) => {
      const [outer, inner] = [directoryState(1, 'outer'), directoryState(2, 'inner', { parent: idOf(1) })]
      const file = fileState(3, 'file', { parent: idOf(2) })
      const aliases = [
        { alias: idOf(8), entry: idOf(9) },
        { alias: idOf(9), entry: idOf(3) },
      ]
      await store.write((tx) => applyNow(tx, writesOf([outer, inner, file], { aliases })))
      const wanted = { ...NO_NEEDS, entries: [idOf(8), idOf(7)] }
      const { rows } = await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, rows: wanted }))
      expect(rows.entries.get(idOf(3))).toEqual(file)
      expect([rows.entries.get(idOf(1)), rows.entries.get(idOf(2))]).toEqual([outer, inner])
      expect([rows.entries.get(idOf(7)), rows.entries.get(idOf(8))]).toEqual([null, null])
      expect(rows.aliases).toEqual(new Map(aliases.map(({ alias, entry }) => [alias, entry])))
    }),
  )

  test(
    'places, subtrees and levels come with the entries that they name',
    withStore(open, async (store) => {
      const [outer, inner] = [directoryState(1, 'outer'), directoryState(2, 'inner', { parent: idOf(1) })]
      const file = fileState(3, 'file', { parent: idOf(2) })
      await store.write((tx) => applyNow(tx, writesOf([outer, inner, file])))
      const [taken, free] = [
        { parent: idOf(2), name: 'file' },
        { parent: ROOT_ID, name: 'free' },
      ]
      const wanted = { ...NO_NEEDS, places: [taken, free], subtrees: [idOf(1)], levels: [idOf(1)] }
      const { rows } = await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, rows: wanted }))
      expect([rows.places.get(placeKey(taken)), rows.places.get(placeKey(free))]).toEqual([file, null])
      expect(rows.subtrees.get(idOf(1))).toEqual([inner, file])
      expect(rows.levels.get(idOf(1))).toBe(1)
      expect(new Set(rows.entries.keys())).toEqual(new Set([idOf(1), idOf(2), idOf(3)]))
    }),
  )

  test(
    'of the contents asked for, those that are held are told, and whether any chunk is lost',
    withStore(open, async (store) => {
      const [a, b] = [hashOf('a'), hashOf('b')]
      const row = { pack: '00000001', offset: 0, storedSize: 4, size: 9, compressed: true }
      const manifest = { content: contentHashOf('both'), chunks: encodeManifest([{ hash: a, size: 9 }]), size: 9 }
      await store.write((tx) => keepNow(tx, { chunks: [{ ...row, hash: a }], manifests: [manifest] }))
      const wanted = { ...NOTHING, chunks: [a, b], manifests: [manifest.content, contentHashOf('b')] }
      const { held } = await store.read((tx) => tx.loadForCommit(DOCS, wanted))
      expect(held.chunkSizes).toEqual(new Map([[a, 9]]))
      expect([...held.manifests.keys()]).toEqual([manifest.content])
      expect(held.isIntact).toBe(true)
      await store.write((tx) => tx.loseChunks([a]))
      const after = (await store.read((tx) => tx.loadForCommit(DOCS, wanted))).held
      expect([after.isIntact, after.chunkSizes.size]).toEqual([false, 0])
      expect(after.removals).not.toBe(held.removals)
    }),
  )

  test(
    'deletes count from a moment on, and from when a person last let the folder go on',
    withStore(open, async (store) => {
      const gone = (counter: number, at: string) => newEvent(counter, { kind: 'delete', entries: counter, at })
      const resumed = newEvent(4, { kind: 'resume', node: PHONE, at: minutes(15) })
      const recent = async () => {
        const found = await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, deletesFrom: minutes(5) }))
        return found.recentDeletes
      }
      await store.write((tx) =>
        applyNow(tx, writesOf([], { events: [gone(1, NOON), gone(2, minutes(10)), gone(3, minutes(20))] })),
      )
      expect(await recent()).toBe(5)
      await store.write((tx) => applyNow(tx, writesOf([], { events: [resumed] })))
      expect(await recent()).toBe(3)
      const { recentDeletes } = await store.read((tx) => tx.loadForCommit(DOCS, NOTHING))
      expect(recentDeletes).toBe(0)
    }),
  )

  test(
    'what a node with a daily limit brought counts from a moment on, in all folders, and nothing of others',
    withStore(open, async (store) => {
      const brought = (counter: number, broughtBytes: number, about: Partial<NewEvent>) =>
        newEvent(counter, { broughtBytes, ...about })
      const events = [
        brought(1, 1, { at: NOON }),
        brought(2, 20, { at: minutes(20) }),
        brought(3, 300, { at: minutes(21) }),
        brought(4, 4000, { at: minutes(40) }),
        newEvent(5, { at: minutes(40) }),
        brought(6, 50_000, { at: minutes(40), node: PHONE }),
      ]
      await store.write(async (tx) => {
        await tx.createFolder(folderRow({ id: PHOTOS }))
        await tx.putNode(nodeRow())
        const told = await applyNow(tx, writesOf([], { events }))
        expect(told.every((event) => !('broughtBytes' in event))).toBe(true)
        const elsewhere = brought(7, 600_000, { at: minutes(60), folder: PHOTOS })
        await applyNow(tx, { ...writesOf([], { events: [elsewhere] }), folder: PHOTOS })
      })
      const expected = [
        { lastAt: minutes(21), bytes: 320 },
        { lastAt: minutes(40), bytes: 4000 },
        { lastAt: minutes(60), bytes: 600_000 },
      ]
      expect(await store.read((tx) => tx.sentSince(LAPTOP, minutes(20)))).toEqual(expected)

      const sent = async (sentFrom: string | null) =>
        (await store.read((tx) => tx.loadForCommit(DOCS, { ...NOTHING, sentFrom }))).sent
      expect(await sent(minutes(20))).toEqual([])
      await store.write((tx) => tx.changeNode(LAPTOP, { dailyBytes: 0 }))
      expect(await sent(minutes(20))).toEqual(expected)
      expect(await sent(null)).toEqual([])
    }),
  )
}
