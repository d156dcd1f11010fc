import { expect, test } from 'vitest'
import type { Actor } from '@causeway/protocol'
import type { EventFilter, MetadataStore, NewEvent } from '../../metadata-store.ts'
import {
  applyNow,
  DOCS,
  fileState,
  folderRow,
  idOf,
  LAPTOP,
  minutes,
  newEvent,
  PHONE,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function eventCases(open: OpenStore): void {
  test(
    'an event comes back as it was appended, with its position',
    withStore(open, async (store) => {
      const events = [
        newEvent(1),
        newEvent(2, { kind: 'move', pathBefore: 'old', path: 'new', reason: 'It moved.', clock: { laptop: 2 } }),
        newEvent(3, { node: PHONE, clock: { phone: 3, laptop: 2 }, entry: null, path: null, sizeBytes: null }),
        newEvent(4, { clock: { laptop: 4, phone: 8 }, decision: 'joined', at: minutes(1) }),
      ]
      const appended = await append(store, events)
      expect(appended.map(({ position: _position, ...event }) => event)).toEqual(events)
      expect(await store.read((tx) => tx.eventsAfter(0, {}, 10))).toEqual(appended)
      expect(await store.read((tx) => tx.event(appended[2]?.position ?? 0))).toEqual(appended[2])
      expect(await store.read((tx) => tx.event(99))).toBeUndefined()
    }),
  )

  test(
    'an event keeps who caused it, also beside others of the same clock and reason',
    withStore(open, async (store) => {
      const actors: (Actor | undefined)[] = [
        { kind: 'person', id: 'admin', name: 'Admin' },
        { kind: 'person', id: 'ada', name: 'Ada “the first” Lovelace' },
        { kind: 'node', node: PHONE },
        { kind: 'coordinator' },
        undefined,
      ]
      const events = actors.map((actor, index) => {
        return newEvent(index + 1, { clock: { laptop: index + 1, phone: 1 }, ...(actor && { actor }) })
      })
      await append(store, events)
      const found = await store.read((tx) => tx.eventsAfter(0, {}, 10))
      expect(found.map(({ actor }) => actor)).toEqual(actors)
      expect(found.map((event) => 'actor' in event)).toEqual([true, true, true, true, false])
    }),
  )

  test(
    'read from a cursor while others append, events come without gap or repeat',
    withStore(open, async (store) => {
      const total = 300
      const writing = Promise.allSettled(
        Array.from({ length: total }, (_, index) =>
          store.write(async (tx) => {
            await applyNow(tx, writesOf([], { events: [newEvent(index + 1)] }))
            if (index % 7 === 3) throw new Error('thought better of it')
          }),
        ),
      )
      const expected = Array.from({ length: total }, (_, index) => index + 1).filter((counter) => counter % 7 !== 4)
      const seen: number[] = []
      const positions: number[] = []
      while (seen.length < expected.length) {
        const page = await store.read((tx) => tx.eventsAfter(positions.at(-1) ?? 0, {}, 17))
        seen.push(...page.map((event) => event.counter))
        positions.push(...page.map((event) => event.position))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await writing
      expect(seen).toEqual(expected)
      expect(positions).toEqual(positions.toSorted((a, b) => a - b))
      expect(new Set(positions).size).toBe(expected.length)
    }),
  )

  test(
    'filters narrow both directions alike',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      await append(store, [
        newEvent(1),
        newEvent(2, { kind: 'edit', entry: idOf(1) }),
        newEvent(1, { node: PHONE, clock: { phone: 1 }, kind: 'delete', entry: idOf(1) }),
      ])
      const elsewhere = writesOf([], { folder: PHOTOS, events: [newEvent(1, { folder: PHOTOS })] })
      await store.write((tx) => applyNow(tx, elsewhere))
      const cases: [EventFilter, number[]][] = [
        [{}, [1, 2, 3, 4]],
        [{ folder: DOCS }, [1, 2, 3]],
        [{ node: LAPTOP }, [1, 2, 4]],
        [{ folder: DOCS, entry: idOf(1) }, [1, 2, 3]],
        [{ kinds: ['edit', 'delete'] }, [2, 3]],
        [{ kinds: [] }, []],
        [{ folders: [DOCS] }, [1, 2, 3]],
        [{ folders: [PHOTOS, DOCS], node: PHONE }, [3]],
        [{ folders: [DOCS], folder: PHOTOS }, []],
        [{ folders: [] }, []],
        [{ folder: DOCS, node: LAPTOP, kinds: ['create'] }, [1]],
      ]
      for (const [filter, expected] of cases) {
        const after = await store.read((tx) => tx.eventsAfter(0, filter, 10))
        expect(after.map((event) => event.position)).toEqual(expected)
        const before = await store.read((tx) => tx.eventsBefore(undefined, filter, 10))
        expect(before.map((event) => event.position)).toEqual(expected.toReversed())
      }
      const page = await store.read((tx) => tx.eventsBefore(4, {}, 2))
      expect(page.map((event) => event.position)).toEqual([3, 2])
    }),
  )

  test(
    'a repeated dot is known by its outcome',
    withStore(open, async (store) => {
      const outcomes = [{ node: LAPTOP, counter: 2, outcome: Uint8Array.of(1, 2, 255) }]
      await store.write((tx) => applyNow(tx, writesOf([], { events: [newEvent(1), newEvent(2)], outcomes })))
      await store.read(async (tx) => {
        const found = await tx.outcomesByDots(DOCS, LAPTOP, [1, 2])
        expect([...found.keys()]).toEqual([2])
        expect([...(found.get(2) ?? [])]).toEqual([1, 2, 255])
      })
    }),
  )

  test(
    'the brake counts the entries of accepted deletes of one node since a time',
    withStore(open, async (store) => {
      await append(store, [
        newEvent(1, { kind: 'delete', entries: 100, at: minutes(0) }),
        newEvent(2, { kind: 'delete', entries: 7, at: minutes(10) }),
        newEvent(3, { kind: 'delete', entries: 1, at: minutes(11) }),
        newEvent(4, { kind: 'delete', entries: 40, at: minutes(12), decision: 'kept' }),
        newEvent(5, { kind: 'delete', entries: 50, at: minutes(12), decision: 'refused' }),
        newEvent(6, { kind: 'edit', at: minutes(12) }),
        newEvent(1, { node: PHONE, clock: { phone: 1 }, kind: 'delete', entries: 9, at: minutes(12) }),
      ])
      expect(await store.read((tx) => tx.deletesSince(DOCS, LAPTOP, minutes(10)))).toBe(48)
      expect(await store.read((tx) => tx.deletesSince(DOCS, LAPTOP, minutes(13)))).toBe(0)
    }),
  )

  test(
    'what deletes took away between two positions is summed, those that reach into the stretch whole',
    withStore(open, async (store) => {
      await append(store, [
        newEvent(1, { kind: 'delete', entries: 1, seq: 2 }),
        newEvent(2, { kind: 'delete', entries: 3, seq: 6 }),
        newEvent(3, { kind: 'edit', entries: 1, seq: 7 }),
        newEvent(4, { kind: 'delete', entries: 2, seq: 9 }),
      ])
      const between = (after: number, last: number) => store.read((tx) => tx.deletedBetween(DOCS, after, last))
      expect(await between(0, 9)).toBe(6)
      expect(await between(2, 4)).toBe(3)
      expect(await between(4, 7)).toBe(3)
      expect(await between(6, 7)).toBe(0)
      expect(await between(9, 12)).toBe(0)
    }),
  )

  test(
    'a conflict is open until something settles it, by its copy or by its rival',
    withStore(open, async (store) => {
      const conflicts = [
        { folder: DOCS, copy: idOf(2), rival: idOf(1), at: NOON_ONE },
        { folder: DOCS, copy: idOf(4), rival: idOf(3), at: minutes(2) },
        { folder: DOCS, copy: idOf(6), rival: idOf(5), at: minutes(3) },
      ]
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a')], { conflicts })))
      const settled = [
        { entry: idOf(2), how: 'The copy was deleted.' },
        { entry: idOf(3), how: 'The file was edited.' },
      ]
      await store.write((tx) => applyNow(tx, writesOf([], { head: 1, settled })))
      const open_ = await store.read((tx) => tx.conflicts(DOCS, { open: true }))
      expect(open_).toEqual([{ ...conflicts[2], settled: null }])
      const all = await store.read((tx) => tx.conflicts(DOCS, { open: false }))
      expect(all.map((conflict) => conflict.settled)).toEqual(['The copy was deleted.', 'The file was edited.', null])
    }),
  )
}

const NOON_ONE = minutes(1)

function append(store: MetadataStore, events: readonly NewEvent[]) {
  return store.write((tx) => applyNow(tx, writesOf([], { events })))
}
