import { FolderIdSchema, NodeIdSchema, type EventKind, type HistoryEvent } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { count } from '../../parts/format.ts'
import { fold, runWords } from './fold.ts'
import { layOut, orderOf } from './space-time.ts'

const AS_THEY_ARE = { opened: new Set<number>(), apart: new Set<number>() }
const NOON = Date.UTC(2026, 10, 22, 12)

test('a thousand edits of one node are one mark that says so', () => {
  const runs = fold(burst(1_000), AS_THEY_ARE)
  expect(runs.map(({ length }) => length)).toEqual([1_000])
  expect(runWords(runs[0] ?? [], 'edit', count)).toBe('1,000 edits')
})

test('a few events, another kind, a pause or another node’s burst stay apart', () => {
  expect(lengths(burst(4))).toEqual([1, 1, 1, 1])
  expect(lengths([...burst(6), ...burst(6, { from: 7, kind: 'delete' })])).toEqual([6, 6])
  expect(lengths([...burst(6), ...burst(6, { from: 7, atMs: 60_000 })])).toEqual([6, 6])
  const [ash, oak] = [burst(6), burst(6, { from: 7, node: 'oak' })]
  expect(lengths(ash.flatMap((event, at) => [event, oak[at] ?? event]).map(inTurn))).toEqual([6, 6])
})

test('a burst is cut where its node heard of another, and where another had heard of a part of it', () => {
  const heard = [...burst(6), ...burst(6, { from: 7, knew: { oak: 1 } })]
  expect(lengths(heard)).toEqual([6, 6])
  const events = burst(12)
  const knowing = { ...event(13, 'oak', 1, { ash: 6 }), at: events[0]?.at ?? '' }
  expect(lengths([...events, knowing])).toEqual([6, 6, 1])
})

test('what was opened, and what a conflict is explained by, stands alone', () => {
  expect(fold(burst(9), { ...AS_THEY_ARE, opened: new Set([1]) })).toHaveLength(9)
  expect(fold(burst(13), { ...AS_THEY_ARE, apart: new Set([7]) }).map(({ length }) => length)).toEqual([6, 1, 6])
})

test('all of a mark stands alike to everything else, nothing is lost, and causes come before effects', () => {
  fc.assert(
    fc.property(anyHistory(), (events) => {
      const runs = fold(events, AS_THEY_ARE)
      expect(runs.flat().toSorted((a, b) => a.position - b.position)).toEqual(events)
      for (const run of runs) {
        const others = events.filter((event) => !run.includes(event))
        for (const other of others) expect(new Set(run.map((member) => orderOf(member, other))).size).toBe(1)
      }
      const { arrows, marks } = layOut(runs)
      expect(arrows.filter(({ from, to }) => from >= to)).toEqual([])
      const orders = marks.flatMap((a, at) => marks.slice(at + 1).map((b) => orderOf(a.event, b.event)))
      expect(orders.filter((order) => order === 'after')).toEqual([])
    }),
  )
})

function lengths(events: readonly HistoryEvent[]): readonly number[] {
  return fold(events, AS_THEY_ARE).map(({ length }) => length)
}

/** Gives events the positions of the order they are in. */
function inTurn(event: HistoryEvent, index: number): HistoryEvent {
  return { ...event, position: index + 1 }
}

interface Burst {
  readonly from?: number
  readonly node?: string
  readonly kind?: EventKind
  readonly knew?: Record<string, number>
  readonly atMs?: number
}

function burst(
  many: number,
  { from = 1, node = 'ash', kind = 'edit', knew = {}, atMs = 0 }: Burst = {},
): HistoryEvent[] {
  return Array.from({ length: many }, (_, index) => {
    const at = new Date(NOON + atMs + index * 10).toISOString()
    return { ...event(from + index, node, from + index, knew), kind, at }
  })
}

function event(position: number, node: string, counter: number, clock: Record<string, number>): HistoryEvent {
  return {
    position,
    folder: FolderIdSchema.parse('docs'),
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
    at: new Date(NOON).toISOString(),
  }
}

/** Three nodes that act in bursts, and hear of each other at random. */
function anyHistory(): fc.Arbitrary<HistoryEvent[]> {
  const nodes = ['ash', 'oak', 'elm'] as const
  const anyBurst = fc.record({
    node: fc.constantFrom(...nodes),
    hears: fc.constantFrom(...nodes),
    many: fc.integer({ min: 1, max: 12 }),
  })
  return fc
    .tuple(fc.array(anyBurst, { maxLength: 8 }), fc.array(fc.nat(2), { maxLength: 60 }))
    .map(([bursts, turns]) => {
      const clocks: Record<string, Record<string, number>> = { ash: {}, oak: {}, elm: {} }
      const waiting = bursts.map((planned) => ({ ...planned, left: planned.many }))
      const events: HistoryEvent[] = []
      for (let turn = 0; waiting.some(({ left }) => left > 0); turn++) {
        const ready = waiting.filter(({ left }) => left > 0)
        const next = ready[(turns[turn % Math.max(1, turns.length)] ?? 0) % ready.length]
        if (next === undefined) break
        const own = clocks[next.node] ?? {}
        if (next.left === next.many) {
          for (const [other, counter] of Object.entries(clocks[next.hears] ?? {}))
            own[other] = Math.max(own[other] ?? 0, counter)
        }
        next.left -= 1
        own[next.node] = (own[next.node] ?? 0) + 1
        clocks[next.node] = own
        events.push(event(events.length + 1, next.node, own[next.node] ?? 0, { ...own }))
      }
      return events
    })
}
