import { FolderIdSchema, NodeIdSchema, type HistoryEvent } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unfolded } from './fold.ts'
import {
  arrowAt,
  hasSeen,
  layOut as layRuns,
  markOf,
  orderOf,
  pathBetween,
  seenMatrix,
  type SpaceTime,
} from './space-time.ts'

const folder = FolderIdSchema.parse('docs')

function event(position: number, node: string, counter: number, clock: Record<string, number>): HistoryEvent {
  return {
    position,
    folder,
    node: NodeIdSchema.parse(node),
    counter,
    clock: { ...clock, [node]: counter },
    kind: 'edit',
    entry: null,
    path: null,
    pathBefore: null,
    decision: 'fast-forward',
    reason: '',
    seq: position,
    entries: 1,
    sizeBytes: null,
    at: '2026-11-22T12:00:00.000Z',
  }
}

function layOut(events: readonly HistoryEvent[], grown?: SpaceTime): SpaceTime {
  return layRuns(unfolded(events), grown)
}

const a1 = event(1, 'ash', 1, {})
const o1 = event(2, 'oak', 1, {})
const o2 = event(3, 'oak', 2, { ash: 1 })
const a2 = event(4, 'ash', 2, {})
const o3 = event(5, 'oak', 3, { ash: 1 })

test('the coordinator’s lane is in the middle', () => {
  expect(layOut([a1, o1]).lanes).toEqual(['ash', 'coordinator', 'oak'])
})

test('an arrow leads from the last event heard of to the first that knew of it, once', () => {
  expect(layOut([a1, o1, o2, a2, o3]).arrows).toEqual([{ from: 0, to: 2 }])
})

test('what grows is laid out as if it had been there from the start', () => {
  fc.assert(
    fc.property(anyHistory(), fc.nat(40), (events, first) => {
      const grown = layOut(events, layOut(events.slice(0, first)))
      expect(grown).toEqual(layOut(events))
    }),
  )
})

test('events that do not go on from what was laid out are laid out anew', () => {
  const before = layOut([a1, o1, o2])
  expect(layOut([o1, o2, a2], before)).toEqual(layOut([o1, o2, a2]))
})

test('an event is found among the marks, and an end among the arrows', () => {
  const space = layOut([a1, o1, o2, a2])
  expect([a1, o2, o3].map((shown) => markOf(space, shown)?.column)).toEqual([0, 2, undefined])
  expect([arrowAt(space, 2), arrowAt(space, 3)]).toEqual([0, 1])
})

test('clocks tell before, after and concurrent', () => {
  expect([orderOf(a1, o2), orderOf(o2, a1), orderOf(o2, a2), orderOf(a1, a1), orderOf(a1, o3)]).toEqual([
    'before',
    'after',
    'concurrent',
    'equal',
    'before',
  ])
  expect(orderOf(a1, { ...o2, folder: FolderIdSchema.parse('other') })).toBe('concurrent')
})

test('the path that proves an order goes over the first event that knew', () => {
  const space = layOut([a1, o1, o2, a2, o3])
  expect(pathBetween(space, a1, o3).map(({ event: { position }, by }) => `${by} ${position}`)).toEqual([
    'start 1',
    'heard 3',
    'same-node 5',
  ])
  expect(pathBetween(space, a1, a2).map(({ by }) => by)).toEqual(['start', 'same-node'])
  expect(pathBetween(space, o2, a2)).toEqual([])
})

test('every arrow and every step of a path leads from what was seen to who saw it', () => {
  fc.assert(
    fc.property(anyHistory(), (events) => {
      const space = layOut(events)
      for (const { from, to } of space.arrows) {
        const [cause, effect] = [space.marks[from], space.marks[to]]
        expect(cause && effect && hasSeen(effect.event, cause.event)).toBe(true)
      }
      const [first] = events
      const last = events.at(-1)
      if (first === undefined || last === undefined) return
      const path = pathBetween(space, first, last)
      expect(path.length > 0).toBe(orderOf(first, last) === 'before')
      const steps = path.slice(1).map(({ event }, index) => orderOf(path[index]?.event ?? event, event))
      expect(steps.filter((order) => order !== 'before')).toEqual([])
    }),
  )
})

test('the matrix says how far each node has heard of each other', () => {
  const ash = NodeIdSchema.parse('ash')
  const oak = NodeIdSchema.parse('oak')
  const members = [
    { node: oak, clock: { ash: 1, oak: 3 } },
    { node: ash, clock: { ash: 2 } },
  ]
  expect(seenMatrix({ ash: 2, oak: 3, 'coordinator!': 1 }, members)).toEqual({
    nodes: ['ash', 'oak'],
    seen: [
      [2, null],
      [1, 3],
    ],
    newest: [2, 3],
  })
})

/** Three nodes that act and hear of each other at random. */
function anyHistory(): fc.Arbitrary<HistoryEvent[]> {
  const nodes = ['ash', 'oak', 'elm'] as const
  const steps = fc.array(fc.record({ node: fc.constantFrom(...nodes), hears: fc.constantFrom(...nodes) }), {
    maxLength: 40,
  })
  return steps.map((given) => {
    const clocks: Record<string, Record<string, number>> = { ash: {}, oak: {}, elm: {} }
    return given.map(({ node, hears }, index) => {
      const own = clocks[node] ?? {}
      for (const [other, counter] of Object.entries(clocks[hears] ?? {}))
        own[other] = Math.max(own[other] ?? 0, counter)
      own[node] = (own[node] ?? 0) + 1
      clocks[node] = own
      return event(index + 1, node, own[node], { ...own })
    })
  })
}
