import { EntryIdSchema, FolderIdSchema, NodeIdSchema, type HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { stillDeleted } from './deleted-list.ts'

test('what was brought back is no longer deleted; what was deleted once more is', () => {
  const events = [event('n.1', 'delete', 5), event('n.2', 'restore', 4), event('n.1', 'restore', 3)]
  const older = [event('n.2', 'delete', 2), event('n.1', 'delete', 1)]
  expect(stillDeleted([...events, ...older]).map(({ position }) => position)).toEqual([5])
})

test('a delete that did not happen is none', () => {
  expect(stillDeleted([{ ...event('n.1', 'delete', 1), decision: 'kept' }])).toEqual([])
})

function event(entry: string, kind: HistoryEvent['kind'], position: number): HistoryEvent {
  const about = { path: 'a', pathBefore: null, reason: '', entries: 1, sizeBytes: null } as const
  return {
    ...about,
    position,
    kind,
    folder: FolderIdSchema.parse('docs'),
    node: NodeIdSchema.parse('n'),
    entry: EntryIdSchema.parse(entry),
    counter: position,
    clock: {},
    decision: 'fast-forward',
    seq: position,
    at: '2026-11-22T12:00:00.000Z',
  }
}
