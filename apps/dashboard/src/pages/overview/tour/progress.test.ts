import { HistoryEventSchema, type HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { begin, nextStep, NOT_BEGUN, withConflicts, withEvents, type Progress } from './progress.ts'

const AT = '2026-11-29T14:03:07.000Z'
const BEGUN = begin(NOT_BEGUN, 10)

function event(given: Partial<Record<keyof HistoryEvent, unknown>>): HistoryEvent {
  return HistoryEventSchema.parse({
    position: 11,
    folder: 'work',
    node: 'ash',
    counter: 1,
    clock: {},
    kind: 'edit',
    entry: 'ash.1',
    path: 'tide.txt',
    pathBefore: null,
    decision: 'fast-forward',
    reason: 'It stands.',
    seq: 5,
    entries: 1,
    sizeBytes: 20,
    at: AT,
    ...given,
  })
}

const done = (progress: Progress): string[] => Object.keys(progress.done)

test.each<readonly [string, Partial<Record<keyof HistoryEvent, unknown>>, string[]]>([
  ['a new file is a save', { kind: 'create' }, ['save']],
  ['an edit of a small file is a save', {}, ['save']],
  ['an edit of a large file is both', { sizeBytes: 20_000_000 }, ['save', 'edit']],
  ['a new large file is no edit', { kind: 'create', sizeBytes: 20_000_000 }, ['save']],
  ['a file put there from the page is a save', { kind: 'create', node: 'coordinator' }, ['save']],
  ['what a choice between versions writes is no save', { node: 'coordinator', sizeBytes: 20_000_000 }, []],
  ['a new directory is no save', { kind: 'create', sizeBytes: null }, []],
  ['a rename is no save', { kind: 'move' }, []],
  ['a delete is no save', { kind: 'delete' }, []],
  ['keeping both settles a conflict', { kind: 'settle', sizeBytes: null, node: 'coordinator' }, ['settle']],
  ['a version that was brought back is no save', { kind: 'restore', node: 'coordinator' }, ['restore']],
])('%s', (_what, given, steps) => {
  expect(done(withEvents(BEGUN, [event(given)]))).toEqual(steps)
})

test('what happened before the tour began, or was seen already, does not count', () => {
  expect(withEvents(BEGUN, [event({ position: 10 })])).toBe(BEGUN)
  expect(withEvents(NOT_BEGUN, [event({})])).toBe(NOT_BEGUN)
  const seen = withEvents(BEGUN, [event({ position: 12, kind: 'move' })])
  expect(withEvents(seen, [event({ position: 12 })])).toBe(seen)
})

test('the first event that shows a step stays the one that is told', () => {
  const first = withEvents(BEGUN, [event({ path: 'a.txt' }), event({ position: 12, path: 'b.txt' })])
  expect(first.done.save?.path).toBe('a.txt')
  expect(first.seen).toBe(12)
})

test('a conflict that was open and is no more was settled; one that was never seen open does not count', () => {
  const looked = withConflicts(BEGUN, [{ key: 'work a' }, { key: 'work b' }], AT)
  expect(done(looked)).toEqual([])
  expect(withConflicts(looked, [{ key: 'work b' }, { key: 'work a' }], AT)).toBe(looked)
  expect(withConflicts(looked, [{ key: 'work b' }], AT).done.settle).toMatchObject({ folder: 'work', at: AT })
  expect(done(withConflicts(withConflicts(BEGUN, [], AT), [{ key: 'work c' }], AT))).toEqual([])
})

test('steps are proposed in their order, whichever are done already', () => {
  expect(nextStep(BEGUN)).toBe('save')
  expect(nextStep(withEvents(BEGUN, [event({ sizeBytes: 20_000_000 })]))).toBe('settle')
  const all = [
    event({ sizeBytes: 2e6 }),
    event({ position: 12, kind: 'settle' }),
    event({ position: 13, kind: 'restore' }),
  ]
  expect(nextStep(withEvents(BEGUN, all))).toBeUndefined()
})
