import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  LIMITS,
  ROOT_ID,
  entryIdOf,
  type EntryId,
  type EntryState,
  type NodeId,
  type VersionVector,
} from '@causeway/protocol'
import { counterOf, merge, withDot } from '../version-vector.ts'
import {
  compactStates,
  createCompactor,
  expandEchoes,
  expandRemovals,
  fitsBatch,
  namedBy,
  type CompactStates,
} from './compact-states.ts'

const ADA = 'ada' as NodeId
const BOB = 'bob' as NodeId

function created(node: NodeId, counter: number, seq: number): EntryState {
  const vector = { [node]: counter }
  return {
    id: entryIdOf(node, counter),
    seq,
    parent: ROOT_ID,
    name: `${node} ${counter}`,
    placeVector: vector,
    content: { kind: 'directory', mode: 0o755 },
    contentVector: vector,
    deleted: false,
    existenceVector: {},
  }
}

function deleted(state: EntryState, seq: number, node: NodeId, counter: number): EntryState {
  const existenceVector = withDot(merge(state.contentVector, state.placeVector), node, counter)
  return { ...state, seq, deleted: true, existenceVector }
}

const tree = (count: number): EntryState[] =>
  Array.from({ length: count }, (_, index) => created(ADA, index + 1, index + 1))
const fallen = (states: readonly EntryState[], counter: number): EntryState[] =>
  [...states].reverse().map((state, index) => deleted(state, states.length + 1 + index, ADA, counter))
const heldAs = (states: readonly EntryState[]) => {
  const byId = new Map(states.map((state) => [state.id, state]))
  return (id: EntryId): EntryState | undefined => byId.get(id)
}

test('a whole tree that fell at once is one run, and whoever holds it gets exactly its tombstones', () => {
  const before = tree(5000)
  const after = fallen(before, 5001)
  const told = compactStates(after, { node: BOB, seen: { ada: 5000 } })
  expect(told.states).toEqual([])
  expect(told.removals?.runs).toHaveLength(7)
  expect(namedBy(told)).toBe(5000)
  if (told.removals === undefined) throw new Error('nothing was removed')
  expect(expandRemovals(told.removals, heldAs(before))).toEqual({ tombstones: after, isCertain: true })
})

test('whoever holds nothing of it has nothing to delete', () => {
  const { removals } = compactStates(fallen(tree(5), 6), { node: null, seen: { ada: 5 } })
  if (removals === undefined) throw new Error('nothing was removed')
  expect(expandRemovals(removals, () => undefined)).toEqual({ tombstones: [], isCertain: true })
})

const before = tree(5)
const other = (change: Partial<EntryState>): EntryState[] =>
  before.map((state, index) => (index === 2 ? { ...state, ...change } : state))
test.each([
  ['a part of it only', before.slice(1)],
  ['one of them in a newer version', other({ contentVector: { ada: 3, bob: 9 } })],
  ['one of them in an older version', other({ placeVector: { ada: 2 } })],
  ['one of them as a tombstone', other({ deleted: true })],
])('whoever holds %s deletes nothing', (_what, held) => {
  const { removals } = compactStates(fallen(before, 6), { node: null, seen: { ada: 5, bob: 8 } })
  if (removals === undefined) throw new Error('nothing was removed')
  expect(expandRemovals(removals, heldAs(held))).toEqual({ tombstones: [], isCertain: false })
})

test.each([
  ['was created after what the audience has seen', deleted(created(ADA, 3, 3), 4, BOB, 1), { ada: 2 }],
  [
    'was edited after it',
    deleted({ ...created(ADA, 1, 3), contentVector: { ada: 1, bob: 4 } }, 4, ADA, 9),
    { ada: 8, bob: 3 },
  ],
  [
    'has lived more than once',
    { ...deleted(created(ADA, 1, 3), 4, BOB, 5), existenceVector: { ada: 1, bob: 5, coordinator: 2 } },
    { ada: 1 },
  ],
  ['is a conflict copy', { ...deleted(created(ADA, 1, 3), 4, BOB, 5), conflictOf: entryIdOf(BOB, 1) }, { ada: 1 }],
])('a delete of what %s is told in full', (_what, state: EntryState, seen: VersionVector) => {
  expect(compactStates([state], { node: null, seen })).toEqual({ states: [state] })
})

test('runs of the audience’s own creates are numbers, its other events are named, and what others had a part in comes in full', () => {
  const edited = { ...created(BOB, 1, 40), contentVector: { bob: 1, ada: 31 } }
  const joint = { ...created(BOB, 2, 41), contentVector: { bob: 9, ada: 32 } }
  const states = [...tree(30), edited, joint, created(BOB, 10, 42)]
  const told = compactStates(states, { node: ADA, seen: { bob: 8 } })
  expect(told.states).toEqual([joint, created(BOB, 10, 42)])
  expect(told.echoes?.created).toEqual([1, 1, 30])
  expect(told.echoes?.known.map(({ id }) => id)).toEqual([edited.id])
  const versions = told.echoes === undefined ? [] : expandEchoes(told.echoes, ADA)
  expect(versions.map(({ id, seq, contentVector }) => ({ id, seq, contentVector }))).toEqual(
    [edited, ...tree(30)].map(({ id, seq, contentVector }) => ({ id, seq, contentVector })),
  )
})

test('what comes in pieces is told as if it had come at once, and no state is looked at twice', () => {
  const edited = { ...created(BOB, 1, 31), contentVector: { bob: 1, ada: 31 } }
  const gone = fallen(tree(20), 40).map((state) => ({ ...state, seq: state.seq + 12 }))
  const states = [...tree(30), edited, created(BOB, 10, 32), ...gone]
  let looks = 0
  const watched = states.map((state) => {
    return new Proxy(state, { get: (target, key) => (looks++, Reflect.get(target, key)) })
  })
  const audience = { node: ADA, seen: { bob: 8, ada: 30 } }
  const atOnce = compactStates(watched, audience)
  const looksAtOnce = looks
  const compactor = createCompactor(audience)
  for (let at = 0; at < watched.length; at += 7) {
    compactor.add(watched.slice(at, at + 7))
    compactor.told()
  }
  const looksInPieces = looks - looksAtOnce
  expect(compactor.told()).toEqual(atOnce)
  expect(looksInPieces).toBe(looksAtOnce)
})

test('whatever is told, short and full forms together say every state once, and the short ones say the same', () => {
  const nodes = [ADA, BOB]
  const anyState = fc.record({
    node: fc.constantFrom(...nodes),
    counter: fc.integer({ min: 1, max: 40 }),
    edit: fc.option(fc.record({ node: fc.constantFrom(...nodes), counter: fc.integer({ min: 41, max: 60 }) }), {
      nil: null,
    }),
    gone: fc.option(fc.record({ node: fc.constantFrom(...nodes), counter: fc.integer({ min: 50, max: 90 }) }), {
      nil: null,
    }),
  })
  const anySeen = fc.dictionary(fc.constantFrom('ada', 'bob'), fc.integer({ min: 1, max: 70 }))
  fc.assert(
    fc.property(
      fc.uniqueArray(anyState, { selector: ({ node, counter }) => `${node} ${counter}`, maxLength: 30 }),
      anySeen,
      fc.constantFrom(ADA, BOB, null),
      (given, seen, node) => {
        const live = given.map(({ node: creator, counter, edit }, index) => {
          const state = created(creator, counter, index + 1)
          return edit === null
            ? state
            : { ...state, contentVector: withDot(state.contentVector, edit.node, edit.counter) }
        })
        const states = live.map((state, index) => {
          const gone = given[index]?.gone
          return gone === undefined || gone === null ? state : deleted(state, state.seq, gone.node, gone.counter)
        })
        const told = compactStates(states, { node, seen })
        const tombstones = told.removals === undefined ? [] : expandRemovals(told.removals, heldAs(live)).tombstones
        const echoes = told.echoes === undefined || node === null ? [] : expandEchoes(told.echoes, node)
        const inShort = [...tombstones, ...echoes]
        expect([...told.states, ...inShort].map(({ id }) => id).sort()).toEqual(states.map(({ id }) => id).sort())
        expect(namedBy(told)).toBe(inShort.length - (told.echoes?.known.length ?? 0))
        for (const { id, seq, contentVector, placeVector, existenceVector } of inShort) {
          expect(heldAs(states)(id)).toMatchObject({ seq, contentVector, placeVector, existenceVector })
        }
        for (const { contentVector } of tombstones) {
          expect(Object.keys(contentVector).every((by) => counterOf(contentVector, by) <= counterOf(seen, by))).toBe(
            true,
          )
        }
      },
    ),
  )
})

test.each([
  ['states', (length: number): CompactStates => ({ states: tree(length) }), 10],
  ['known entries', (length: number) => ({ states: [], echoes: { created: [], known: tree(length) } }), 10],
  ['numbers of its own creates', (length: number) => ofCreated(Array.from({ length }, () => 1)), LIMITS.runNumbers],
  ['entries of one run of creates', (length: number) => ofCreated([1, 1, length]), LIMITS.namedPerBatch],
  [
    'numbers of removals',
    (length: number) =>
      ofRemovals(
        [],
        Array.from({ length }, () => 1),
      ),
    LIMITS.runNumbers,
  ],
  ['entries of one removal', (length: number) => ofRemovals([], [0, 1, length, 1, 0, 1, 1]), LIMITS.namedPerBatch],
  [
    'nodes of removals',
    (length: number) =>
      ofRemovals(
        Array.from({ length }, () => 'n'),
        [],
      ),
    LIMITS.nodesPerRemovals,
  ],
])('a batch holds as many %s as it may, and no more', (_what, of, most) => {
  expect(fitsBatch(of(most), 10)).toBe(true)
  expect(fitsBatch(of(most + 1), 10)).toBe(false)
})

function ofCreated(numbers: number[]): CompactStates {
  return { states: [], echoes: { created: numbers, known: [] } }
}

function ofRemovals(nodes: string[], runs: number[]): CompactStates {
  return { states: [], removals: { seen: {}, nodes, runs } }
}
