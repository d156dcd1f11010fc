import { NO_NEEDS } from '@causeway/engine'
import { encodeManifest, READING, type Hash } from '@causeway/protocol'
import { expect, test } from 'vitest'
import {
  applyNow,
  chunkRow,
  contentHashOf,
  DOCS,
  fileState,
  folderRow,
  forget,
  hashOf,
  keepNow,
  LAPTOP,
  membershipRow,
  NOON,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

const OWN = { reads: [] }

export function folderContentCases(open: OpenStore): void {
  test(
    'what a write brings and claims is its folder’s, and no other’s',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      const list = {
        content: contentHashOf('large'),
        chunks: encodeManifest([{ hash: hashOf('b'), size: 1 }]),
        size: 1,
      }
      await store.write((tx) => keepNow(tx, { chunks: [chunkRow('a')], manifests: [list], claimed: [hashOf('b')] }))
      const all = [hashOf('a'), hashOf('b'), contentHashOf('large'), hashOf('unknown')]
      const had = await store.read((tx) => tx.contentsFor({ folder: DOCS, ...OWN }, all))
      expect(had).toEqual(new Set([hashOf('a'), hashOf('b'), contentHashOf('large')]))
      expect(await store.read((tx) => tx.contentsFor({ folder: PHOTOS, ...OWN }, all))).toEqual(new Set())
    }),
  )

  test(
    'what was sent to a folder is its own, once or twice, and so is what a commit brings',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addToFolder(DOCS, [hashOf('a'), hashOf('a')]))
      await store.write((tx) => tx.addToFolder(DOCS, [hashOf('a')]))
      const contents = { decidedOn: 0, chunks: [chunkRow('b')], manifests: [], claimed: [] }
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'b')], { contents })))
      const had = await store.read((tx) => tx.contentsFor({ folder: DOCS, ...OWN }, [hashOf('a'), hashOf('b')]))
      expect(had).toEqual(new Set([hashOf('a'), hashOf('b')]))
    }),
  )

  test(
    'a node may also have what is in another folder that it carries with an access that reads',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      await store.write((tx) => tx.addToFolder(PHOTOS, [hashOf('a')]))
      const ask = (node = LAPTOP): Promise<ReadonlySet<Hash>> =>
        store.read((tx) => tx.contentsFor({ folder: DOCS, node, reads: READING }, [hashOf('a')]))
      expect(await ask()).toEqual(new Set())
      for (const [access, may] of [
        ['send-only', false],
        ['receive-only', true],
        ['read-write', true],
      ] as const) {
        await store.write((tx) => tx.putMembership(membershipRow({ folder: PHOTOS, node: LAPTOP, access })))
        expect(await ask()).toEqual(new Set(may ? [hashOf('a')] : []))
      }
      await store.write((tx) => tx.removeMembership(PHOTOS, LAPTOP))
      expect(await ask()).toEqual(new Set())
    }),
  )

  test(
    'a commit learns of what is held whether it is the folder’s own or in another that its node may read',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      await store.write((tx) => tx.putMembership(membershipRow({ folder: PHOTOS, node: LAPTOP })))
      await store.write((tx) => tx.addChunks([chunkRow('own'), chunkRow('other'), chunkRow('foreign')]))
      await store.write((tx) => tx.addToFolder(DOCS, [hashOf('own')]))
      await store.write((tx) => tx.addToFolder(PHOTOS, [hashOf('other')]))
      const chunks = [hashOf('own'), hashOf('other'), hashOf('foreign')]
      const needs = {
        node: LAPTOP,
        counters: [],
        chunks,
        manifests: [],
        rows: NO_NEEDS,
        reads: READING,
        deletesFrom: null,
        sentFrom: null,
      }
      const { held } = await store.read((tx) => tx.loadForCommit(DOCS, needs))
      expect([...held.chunkSizes.keys()].sort()).toEqual([...chunks].sort())
      expect(held.own).toEqual(new Set([hashOf('own')]))
      expect(held.readable).toEqual(new Set([hashOf('other')]))
    }),
  )

  test(
    'what is removed is no folder’s any more, and a folder that is dropped takes its own along',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      await store.write((tx) => tx.addChunks([chunkRow('a'), chunkRow('b')]))
      for (const folder of [DOCS, PHOTOS]) await store.write((tx) => tx.addToFolder(folder, [hashOf('a'), hashOf('b')]))
      await store.write((tx) => forget(tx, 'chunk', [hashOf('a')]))
      const had = () => store.read((tx) => tx.contentsFor({ folder: DOCS, ...OWN }, [hashOf('a'), hashOf('b')]))
      expect(await had()).toEqual(new Set([hashOf('b')]))
      while (!(await store.write((tx) => tx.dropFolder(DOCS, 1)))) continue
      await store.write((tx) => tx.createFolder(folderRow({ createdAt: NOON })))
      expect(await had()).toEqual(new Set())
    }),
  )
}
