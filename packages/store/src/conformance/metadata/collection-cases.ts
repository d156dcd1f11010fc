import { encodeManifest } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { ChunkRow } from '../../metadata-store.ts'
import {
  applyNow,
  contentHashOf,
  DOCS,
  fileState,
  forget,
  hashOf,
  idOf,
  keepNow,
  LAPTOP,
  minutes,
  NOON,
  writesOf,
  chunkRow,
} from '../fixtures.ts'
import { collect, withStore, type OpenStore } from './with-store.ts'

export function collectionCases(open: OpenStore): void {
  test(
    'a chunk that is added again keeps its first row',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addChunks([chunkRow('a'), chunkRow('b')]))
      await store.write((tx) => tx.addChunks([chunkRow('a', { pack: '00000009', offset: 5 }), chunkRow('c')]))
      const found = await store.read((tx) => tx.chunks(['a', 'b', 'b', 'c', 'unknown'].map((text) => hashOf(text))))
      expect(byHash(found)).toEqual(byHash([chunkRow('a'), chunkRow('b'), chunkRow('c')]))
    }),
  )

  test(
    'chunks are listed by hash in pages, moved, and forgotten',
    withStore(open, async (store) => {
      const rows = byHash(Array.from({ length: 10 }, (_, index) => chunkRow(`chunk ${index}`)))
      await store.write((tx) => tx.addChunks(rows))
      const first = await store.read((tx) => tx.chunksAfter(undefined, 6))
      const second = await store.read((tx) => tx.chunksAfter(first.at(-1)?.hash, 6))
      expect([...first, ...second]).toEqual(rows)

      const moved = chunkRow('chunk 3', { pack: '00000002', offset: 77 })
      await store.write((tx) => tx.relocateChunks([moved, chunkRow('unknown')]))
      expect(await store.read((tx) => tx.chunks([moved.hash, hashOf('unknown')]))).toEqual([moved])

      await store.write((tx) => forget(tx, 'chunk', [moved.hash, hashOf('unknown')]))
      expect(await store.read((tx) => tx.chunks([moved.hash]))).toEqual([])
      expect(await store.read((tx) => tx.chunksAfter(undefined, 100))).toHaveLength(9)
    }),
  )

  test(
    'a manifest is kept as it first came, listed in the order it came, and forgotten',
    withStore(open, async (store) => {
      const chunks = encodeManifest([{ hash: hashOf('a'), size: 7 }])
      const contents = ['three', 'one', 'two'].map((text) => contentHashOf(text))
      for (const content of contents)
        await store.write((tx) => keepNow(tx, { manifests: [{ content, chunks, size: 7 }] }))
      const again = { content: contentHashOf('one'), chunks: new Uint8Array(), size: 0 }
      await store.write((tx) => keepNow(tx, { manifests: [{ ...again, chunks, size: 7 }] }))
      const other = store.write((tx) => keepNow(tx, { manifests: [again] }))
      await expect(other).rejects.toMatchObject({ code: 'outdated' })
      await store.read(async (tx) => {
        expect([...((await tx.manifest(contentHashOf('one'))) ?? [])]).toEqual([...chunks])
        expect(await tx.manifest(contentHashOf('unknown'))).toBeUndefined()
        const first = await tx.manifestsAfter(0, 2)
        const second = await tx.manifestsAfter(first.at(-1)?.order ?? 0, 2)
        expect([...first, ...second].map((manifest) => manifest.content)).toEqual(contents)
      })
      await store.write((tx) => forget(tx, 'manifest', [contentHashOf('two')]))
      expect(await store.read((tx) => tx.manifest(contentHashOf('two')))).toBeUndefined()
    }),
  )

  test(
    'a list is known by who named it until it is proven; one that is wrong is forgotten, and no proven one',
    withStore(open, async (store) => {
      const chunks = encodeManifest([{ hash: hashOf('a'), size: 7 }])
      const [told, made] = [contentHashOf('told'), contentHashOf('made')]
      const lists = [
        { content: told, chunks, size: 7, by: LAPTOP },
        { content: made, chunks, size: 7, by: null },
      ]
      await store.write((tx) => keepNow(tx, { manifests: lists }))
      const held = () =>
        store.read(async (tx) => {
          const rows = { entries: [], places: [], subtrees: [], buried: [], copies: [], levels: [] }
          const needs = { node: LAPTOP, counters: [], chunks: [], manifests: [told, made], rows, reads: [] }
          return (await tx.loadForCommit(DOCS, { ...needs, deletesFrom: null, sentFrom: null })).held
        })
      expect((await held()).unproven).toEqual(new Map([[told, LAPTOP]]))
      const { removals } = await held()
      // Another list than the one that is held.
      await store.write((tx) => tx.settleManifest(told, Uint8Array.of(1), true))
      expect((await held()).unproven.has(told)).toBe(true)
      await store.write((tx) => tx.settleManifest(told, chunks, true))
      expect(await held()).toMatchObject({ unproven: new Map(), removals })
      await store.write((tx) => tx.settleManifest(told, chunks, false))
      expect((await held()).manifests.has(told)).toBe(true)
      const wrong = { content: contentHashOf('wrong'), chunks, size: 7, by: LAPTOP }
      await store.write((tx) => keepNow(tx, { manifests: [wrong] }))
      await store.write((tx) => tx.settleManifest(wrong.content, chunks, false))
      expect(await store.read((tx) => tx.manifest(wrong.content))).toBeUndefined()
      expect((await held()).removals).toBe(removals + 1)
    }),
  )

  test(
    'the contents in use are those of live entries and of kept versions',
    withStore(open, async (store) => {
      const first = [fileState(1, 'edited later'), fileState(2, 'deleted later'), fileState(3, 'kept')]
      await store.write((tx) => applyNow(tx, writesOf(first)))
      const second = [
        fileState(4, 'new bytes', { id: idOf(1) }),
        fileState(5, 'deleted later', { id: idOf(2), deleted: true }),
      ]
      await store.write((tx) => applyNow(tx, writesOf(second)))
      const inUse = async () => new Set(await store.read((tx) => collect(tx.referencedContents(DOCS))))
      const hashes = (...texts: string[]) => new Set(texts.map((text) => hashOf(text)))
      expect(await inUse()).toEqual(hashes('edited later', 'deleted later', 'kept', 'new bytes'))
      await store.write((tx) => tx.removeVersions(DOCS, [1, 2, 5]))
      expect(await inUse()).toEqual(hashes('kept', 'new bytes'))
    }),
  )

  test(
    'a garbage mark keeps its first time until it is taken off or its chunk comes again',
    withStore(open, async (store) => {
      const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')]
      await store.write((tx) => tx.addChunks([chunkRow('a'), chunkRow('b'), chunkRow('c')]))
      await store.write((tx) => tx.markGarbage('chunk', [a, b, c], NOON))
      await store.write((tx) => tx.markGarbage('chunk', [a], minutes(5)))
      await store.write((tx) => tx.markGarbage('pack', ['00000001'], minutes(5)))
      expect(await store.read((tx) => tx.garbageMarks('chunk'))).toEqual(new Map([a, b, c].map((name) => [name, NOON])))
      await store.write((tx) => tx.addChunks([chunkRow('a')]))
      await store.write((tx) => forget(tx, 'chunk', [b]))
      await store.write((tx) => tx.unmarkGarbage('pack', ['00000001']))
      expect(await store.read((tx) => tx.garbageMarks('chunk'))).toEqual(new Map([[c, NOON]]))
      expect(await store.read((tx) => tx.garbageMarks('pack'))).toEqual(new Map())
    }),
  )

  test(
    'only what still bears the mark that was seen is removed; what a write claims bears none',
    withStore(open, async (store) => {
      const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')]
      await store.write((tx) => tx.addChunks([chunkRow('a'), chunkRow('b'), chunkRow('c')]))
      await store.write((tx) => tx.markGarbage('chunk', [a, b, c], NOON))
      const seen = new Map([a, b, c, hashOf('unknown')].map((hash) => [hash, NOON]))
      await store.write((tx) => keepNow(tx, { claimed: [a] }))
      await store.write((tx) => tx.unmarkGarbage('chunk', [b]))
      await store.write((tx) => tx.markGarbage('chunk', [b], minutes(1)))
      expect(await store.write((tx) => tx.removeMarked('chunk', seen))).toEqual([c])
      expect(byHash(await store.read((tx) => tx.chunks([a, b, c])))).toEqual(byHash([chunkRow('a'), chunkRow('b')]))
      expect(await store.read((tx) => tx.garbageMarks('chunk'))).toEqual(new Map([[b, minutes(1)]]))
    }),
  )

  test(
    'a manifest that is claimed stays, and one that comes a second time is claimed by its content',
    withStore(open, async (store) => {
      const content = contentHashOf('three')
      const manifest = { content, chunks: encodeManifest([{ hash: hashOf('a'), size: 7 }]), size: 7 }
      await store.write((tx) => keepNow(tx, { manifests: [manifest] }))
      await store.write((tx) => tx.markGarbage('manifest', [content], NOON))
      await store.write((tx) => keepNow(tx, { manifests: [manifest], claimed: [content] }))
      expect(await store.write((tx) => tx.removeMarked('manifest', new Map([[content, NOON]])))).toEqual([])
      expect(await store.read((tx) => tx.manifest(content))).toBeDefined()
    }),
  )

  test(
    'removals are counted where something goes, and not where nothing was there',
    withStore(open, async (store) => {
      const [a, unknown] = [hashOf('a'), hashOf('unknown')]
      const removals = () => store.read((tx) => tx.removals())
      const before = await removals()
      await store.write((tx) => tx.addChunks([chunkRow('a')]))
      await store.write((tx) => tx.loseChunks([]))
      await store.write((tx) => tx.loseChunks([unknown]))
      await store.write((tx) => tx.removeMarked('chunk', new Map([[a, NOON]])))
      expect(await removals()).toBe(before)
      await store.write((tx) => tx.loseChunks([unknown, a]))
      expect(await removals()).not.toBe(before)
    }),
  )

  test(
    'a chunk that is lost is out of the index and named as lost, until it is added again or nobody needs it',
    withStore(open, async (store) => {
      const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')]
      await store.write((tx) => tx.addChunks([chunkRow('a'), chunkRow('b'), chunkRow('c')]))
      await store.write((tx) => tx.markGarbage('chunk', [a], NOON))
      await store.write((tx) => tx.loseChunks([a, b, c, a, hashOf('unknown')]))
      await store.read(async (tx) => {
        expect(await tx.chunks([a, b, c])).toEqual([])
        expect(await tx.garbageMarks('chunk')).toEqual(new Map())
        expect(await tx.lostCount()).toBe(3)
        const first = await tx.lostAfter(undefined, 2)
        const second = await tx.lostAfter(first.at(-1), 2)
        expect([...first, ...second]).toEqual([a, b, c].toSorted())
        expect(await tx.lostAmong([c, hashOf('unknown'), c])).toEqual([c])
      })
      await store.write((tx) => tx.addChunks([chunkRow('a', { pack: '00000002' })]))
      await store.write((tx) => tx.forgetLost([b, hashOf('unknown')]))
      expect(await store.read((tx) => tx.lostAfter(undefined, 9))).toEqual([c])
    }),
  )

  test(
    'it is known of each pack up to where chunks were noted in it, and what became of it',
    withStore(open, async (store) => {
      await store.write((tx) => tx.addChunks([chunkRow('a', { offset: 90 }), chunkRow('b', { offset: 10 })]))
      await store.write((tx) => tx.addChunks([chunkRow('c', { pack: '00000002', offset: 7 })]))
      await store.write((tx) => tx.relocateChunks([chunkRow('c', { pack: '00000003', offset: 1 })]))
      // What is forgotten was known all the same.
      await store.write((tx) => forget(tx, 'chunk', [hashOf('a')]))
      const kept = (pack: string, knownTo: number, state = 'open') => ({
        pack,
        knownTo,
        state,
        owner: null,
        sealed: null,
      })
      expect(await store.read((tx) => tx.packs())).toEqual([
        kept('00000001', 94),
        kept('00000002', 11),
        kept('00000003', 5),
      ])
      await store.write((tx) => tx.losePacks(['00000002', '00000009']))
      await store.write((tx) => tx.notePacks([{ pack: '00000003', knownTo: 2 }]))
      expect((await store.read((tx) => tx.packs())).map(({ state }) => state)).toEqual(['open', 'lost', 'open'])
      await store.write((tx) => tx.notePacks([{ pack: '00000002', knownTo: 500 }]))
      expect((await store.read((tx) => tx.packs()))[1]).toEqual(kept('00000002', 500, 'sealed'))
    }),
  )

  test(
    'new packs are named in a row, and what is kept of one goes when it is sealed',
    withStore(open, async (store) => {
      const first = await store.write((tx) => tx.beginPack('ash'))
      const second = await store.write((tx) => tx.beginPack('birch'))
      expect(Number(second)).toBe(Number(first) + 1)
      const tails = ['ab', 'cde'].map((text, index) => ({ offset: 2 * index, bytes: Buffer.from(text) }))
      for (const tail of tails.toReversed()) await store.write((tx) => tx.addPackTail(first, { owner: 'ash', ...tail }))
      const kept = await store.read((tx) => tx.packTail(first))
      expect(kept.map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString()])).toEqual([
        [0, 'ab'],
        [2, 'cde'],
      ])
      expect(await store.read((tx) => tx.packTails())).toEqual([{ pack: first, bytes: 5 }])
      const within = async (offset: number, length: number) =>
        (await store.read((tx) => tx.packTail(first, { offset, length }))).map((tail) => tail.offset)
      expect([await within(0, 2), await within(1, 2), await within(2, 9), await within(5, 1)]).toEqual([
        [0],
        [0, 2],
        [2],
        [],
      ])
      await store.write((tx) => tx.sealPack(first, { owner: 'another', bytes: 5, at: NOON }))
      expect(await store.read((tx) => tx.packTail(first))).toHaveLength(2)
      await store.write((tx) => tx.sealPack(first, { owner: 'ash', bytes: 5, at: NOON }))
      expect(await store.read((tx) => tx.packTails())).toEqual([])
      const tail = { owner: 'ash', offset: 5, bytes: Buffer.from('f') }
      expect(await store.write((tx) => tx.addPackTail(first, tail))).toBe(false)
    }),
  )

  test(
    'only its owner adds to what is kept of a pack, and another takes it over for good',
    withStore(open, async (store) => {
      const pack = await store.write((tx) => tx.beginPack('ash'))
      const add = (owner: string, offset: number) =>
        store.write((tx) => tx.addPackTail(pack, { owner, offset, bytes: Buffer.from('x') }))
      expect([await add('birch', 0), await add('ash', 0)]).toEqual([false, true])
      await store.write((tx) => tx.openPack(pack, 'birch'))
      expect([await add('ash', 1), await add('birch', 1)]).toEqual([false, true])
      expect(await store.read((tx) => tx.packTails())).toEqual([{ pack, bytes: 2 }])
    }),
  )

  test(
    'a pack is open by one process, then sealed for good, and retired once it is found unused',
    withStore(open, async (store) => {
      const stateOf = async (pack: string) => {
        const row = (await store.read((tx) => tx.packs())).find((known) => known.pack === pack)
        return [row?.state, row?.owner, row?.sealed]
      }
      const [one, two] = ['00000001', '00000002']
      expect(await store.write((tx) => tx.openPack(one, 'ash'))).toBe(true)
      expect(await stateOf(one)).toEqual(['open', 'ash', null])
      expect(await store.write((tx) => tx.openPack(one, 'birch'))).toBe(true)
      await store.write((tx) => tx.sealPack(one, { owner: 'ash', bytes: 7, at: NOON }))
      expect(await stateOf(one)).toEqual(['open', 'birch', null])
      await store.write((tx) => tx.sealPack(one, { owner: 'birch', bytes: 7, at: NOON }))
      expect(await stateOf(one)).toEqual(['sealed', null, { bytes: 7, at: NOON }])
      expect(await store.write((tx) => tx.openPack(one, 'ash'))).toBe(false)

      await store.write((tx) => tx.openPack(two, 'ash'))
      await store.write((tx) => tx.markGarbage('pack', [one, two], NOON))
      const marks = new Map([one, two, '00000003'].map((pack) => [pack, NOON]))
      expect(await store.write((tx) => tx.retirePacks(marks))).toEqual([one])
      expect([(await stateOf(one))[0], (await stateOf(two))[0]]).toEqual(['retired', 'open'])
      await store.write((tx) => tx.losePacks([one]))
      expect((await stateOf(one))[0]).toBe('retired')
      const late = store.write((tx) => tx.addChunks([chunkRow('a', { pack: one })]))
      await expect(late).rejects.toThrow(expect.objectContaining({ code: 'chunk-missing' }))
      const moved = store.write((tx) => tx.relocateChunks([chunkRow('a', { pack: one })]))
      await expect(moved).rejects.toThrow(expect.objectContaining({ code: 'chunk-missing' }))
    }),
  )
}

function byHash(chunks: readonly ChunkRow[]): ChunkRow[] {
  return chunks.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
}
