import { EntryIdSchema, FolderIdSchema, NodeIdSchema, type EventKind, type HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { conflictAmong, nextConflict, whyOf } from './why.ts'

const FILE = EntryIdSchema.parse('ash.1')
const COPY = EntryIdSchema.parse('ash.2')
const OTHER = EntryIdSchema.parse('ash.3')

const created = event(1, 'ash', { clock: { ash: 1 }, kind: 'create', entry: FILE, path: 'a.txt' })
const elsewhere = event(2, 'ash', { clock: { ash: 2 }, kind: 'create', entry: OTHER, path: 'b.txt' })
const byAsh = event(3, 'ash', { clock: { ash: 3 }, kind: 'edit', entry: FILE, path: 'a.txt' })
const copy = 'a (conflict, oak).txt'
const byOak = event(4, 'oak', { clock: { ash: 1, oak: 1 }, kind: 'edit', entry: COPY, path: copy, pathBefore: 'a.txt' })
const both = { ash: 3, oak: 1, coordinator: 1 }
const conflict = event(5, 'coordinator', {
  clock: both,
  kind: 'conflict',
  entry: COPY,
  path: copy,
  pathBefore: 'a.txt',
})
const events = [created, elsewhere, byAsh, byOak, conflict]

test('a conflict is explained by both edits and what both began from', () => {
  expect(whyOf(events, conflict)).toEqual([byAsh, byOak, created])
})

test('two files that were created under one name have no common ancestor', () => {
  const first = { ...byAsh, kind: 'create' } as const
  expect(whyOf([first, { ...byOak, kind: 'create' }, conflict], conflict)).toEqual([
    first,
    { ...byOak, kind: 'create' },
  ])
})

test('what is not among the events is left out', () => {
  expect(whyOf([conflict], conflict)).toEqual([conflict])
  expect(whyOf([byOak, conflict], conflict)).toEqual([byOak, conflict])
})

test('the next conflict comes after the one before, and after the last the first', () => {
  const later = { ...conflict, position: 9 }
  const all = [...events, later]
  expect([0, 5, 9].map((after) => nextConflict(all, after)?.position)).toEqual([5, 9, 5])
  expect(nextConflict([created], 0)).toBeUndefined()
})

test('the conflict of some files is found by either', () => {
  expect(conflictAmong(events, new Set([FILE, COPY]))).toBe(conflict)
  expect(conflictAmong(events, new Set([OTHER]))).toBeUndefined()
})

interface Told {
  readonly clock: Record<string, number>
  readonly kind: EventKind
  readonly entry: HistoryEvent['entry']
  readonly path: string
  readonly pathBefore?: string
}

function event(position: number, node: string, { clock, kind, entry, path, pathBefore = '' }: Told): HistoryEvent {
  return {
    position,
    folder: FolderIdSchema.parse('docs'),
    node: NodeIdSchema.parse(node),
    counter: clock[node] ?? 0,
    clock,
    kind,
    entry,
    path,
    pathBefore: pathBefore || null,
    decision: 'fast-forward',
    reason: '',
    seq: position,
    entries: 1,
    sizeBytes: null,
    at: '2026-11-22T12:00:00.000Z',
  }
}
