import { expect, test } from 'vitest'
import { applyNow, directoryState, DOCS, fileState, idOf, minutes, versionRow, writesOf } from '../fixtures.ts'
import { collect, withStore, type OpenStore } from './with-store.ts'

export function historyCases(open: OpenStore): void {
  test(
    "an entry's versions come newest first and in pages, through its renames",
    withStore(open, async (store) => {
      for (let seq = 1; seq <= 5; seq++) {
        await store.write((tx) => applyNow(tx, writesOf([fileState(seq, `name ${seq}`, { id: idOf(1) })])))
      }
      const seqs = await store.read(async (tx) => {
        const first = await tx.versions(DOCS, idOf(1), { limit: 2 })
        const second = await tx.versions(DOCS, idOf(1), { before: 4, limit: 9 })
        return [first, second].map((page) => page.map((version) => version.seq))
      })
      expect(seqs).toEqual([
        [5, 4],
        [3, 2, 1],
      ])
    }),
  )

  test(
    'a version keeps the state, the event and the registers it was made with',
    withStore(open, async (store) => {
      const state = fileState(1, 'a')
      const version = versionRow(state, { registers: ['place', 'existence'], counter: 17, at: minutes(3) })
      await store.write((tx) => applyNow(tx, writesOf([state], { versions: [version] })))
      expect(await store.read((tx) => tx.version(DOCS, 1))).toEqual({ ...version, registers: expect.anything() })
      const found = await store.read((tx) => tx.version(DOCS, 1))
      expect(new Set(found?.registers)).toEqual(new Set(version.registers))
      expect(await store.read((tx) => tx.version(DOCS, 2))).toBeUndefined()
    }),
  )

  test(
    'the folder as of a seq has the last version of each entry up to there, deleted ones included',
    withStore(open, async (store) => {
      const commits = [
        [fileState(1, 'a'), fileState(2, 'b'), directoryState(3, 'c')],
        [fileState(4, 'a', { id: idOf(1), deleted: true }), fileState(5, 'b2', { id: idOf(2) })],
        [fileState(6, 'b3', { id: idOf(2) })],
      ]
      for (const states of commits) await store.write((tx) => applyNow(tx, writesOf(states)))
      const seqsAsOf = async (seq: number) => {
        const versions = await store.read((tx) => collect(tx.versionsAsOf(DOCS, seq)))
        return versions.map((version) => version.seq).toSorted((a, b) => a - b)
      }
      expect(await seqsAsOf(0)).toEqual([])
      expect(await seqsAsOf(2)).toEqual([1, 2])
      expect(await seqsAsOf(4)).toEqual([2, 3, 4])
      expect(await seqsAsOf(99)).toEqual([3, 4, 6])
    }),
  )

  test(
    'a folder larger than any page is streamed whole, each entry once',
    withStore(open, async (store) => {
      const states = Array.from({ length: 2500 }, (_, index) => fileState(index + 1, `f${index}`))
      await store.write((tx) => applyNow(tx, writesOf(states)))
      const versions = await store.read((tx) => collect(tx.versionsAsOf(DOCS, 2400)))
      expect(versions).toHaveLength(2400)
      expect(new Set(versions.map((version) => version.entry)).size).toBe(2400)
    }),
  )

  test(
    'a version that carries another state than it names is refused',
    withStore(open, async (store) => {
      const wrong = versionRow(fileState(1, 'a'), { seq: 2 })
      const writes = writesOf([fileState(1, 'a')], { versions: [wrong], head: 2 })
      await expect(store.write((tx) => applyNow(tx, writes))).rejects.toThrow(/carries the state of another/)
    }),
  )

  test(
    'removed versions are gone, the others and the entry itself stay',
    withStore(open, async (store) => {
      for (let seq = 1; seq <= 3; seq++) {
        await store.write((tx) => applyNow(tx, writesOf([fileState(seq, 'a', { id: idOf(1) })])))
      }
      await store.write((tx) => tx.removeVersions(DOCS, [1, 2, 77]))
      await store.read(async (tx) => {
        expect((await tx.versions(DOCS, idOf(1), { limit: 9 })).map((version) => version.seq)).toEqual([3])
        expect(await tx.entries(DOCS, [idOf(1)])).toHaveLength(1)
      })
    }),
  )

  test(
    "a commit moves the folder's head, tag and clock, and leaves a mark there",
    withStore(open, async (store) => {
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a'), fileState(2, 'b')])))
      const second = writesOf([fileState(5, 'c')], { tag: 'second', clock: { laptop: 5, phone: 2 }, at: minutes(10) })
      await store.write((tx) => applyNow(tx, second))
      await store.read(async (tx) => {
        expect(await tx.folder(DOCS)).toMatchObject({ head: 5, tag: 'second', clock: { laptop: 5, phone: 2 } })
        expect(await tx.logMark(DOCS, 1)).toBeUndefined()
        expect(await tx.logMark(DOCS, 2)).toEqual({ seq: 2, tag: 'tag 2', clock: { laptop: 2 } })
        expect(await tx.logMark(DOCS, 4)).toEqual({ seq: 2, tag: 'tag 2', clock: { laptop: 2 } })
        expect(await tx.logMark(DOCS, 99)).toEqual({ seq: 5, tag: 'second', clock: { laptop: 5, phone: 2 } })
        expect((await tx.markAtOrAbove(DOCS, 0))?.seq).toBe(2)
        expect(await tx.markAtOrAbove(DOCS, 2)).toEqual({ seq: 2, tag: 'tag 2', clock: { laptop: 2 } })
        expect((await tx.markAtOrAbove(DOCS, 3))?.seq).toBe(5)
        expect(await tx.markAtOrAbove(DOCS, 6)).toBeUndefined()
      })
    }),
  )

  test(
    'a commit of events alone brings the clock forward and leaves the time of its position',
    withStore(open, async (store) => {
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a')])))
      const noted = writesOf([], { head: 1, tag: 'tag 1', clock: { laptop: 1, coordinator: 1 }, at: minutes(5) })
      await store.write((tx) => applyNow(tx, noted))
      await store.read(async (tx) => {
        expect((await tx.logMark(DOCS, 1))?.clock).toEqual({ laptop: 1, coordinator: 1 })
        expect(await tx.seqAtTime(DOCS, minutes(1))).toBe(1)
      })
    }),
  )

  test(
    'the position at a time is the last one written until then, however the time is spelled',
    withStore(open, async (store) => {
      await store.write((tx) => applyNow(tx, writesOf([fileState(3, 'a')], { at: minutes(0) })))
      await store.write((tx) => applyNow(tx, writesOf([fileState(7, 'b')], { at: minutes(10) })))
      await store.read(async (tx) => {
        expect(await tx.seqAtTime(DOCS, minutes(-1))).toBe(0)
        expect(await tx.seqAtTime(DOCS, '2026-11-22T12:00:00Z')).toBe(3)
        expect(await tx.seqAtTime(DOCS, minutes(9))).toBe(3)
        expect(await tx.seqAtTime(DOCS, '2026-11-22T13:10:00+01:00')).toBe(7)
      })
    }),
  )
}
