import type { EntryId, EntryState } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { Reoffers } from './reoffers.ts'

function state(id: string, fields: Partial<EntryState> = {}): EntryState {
  return {
    id: id as EntryId,
    seq: 7,
    parent: 'root' as EntryId,
    name: id,
    placeVector: {},
    content: { kind: 'directory', mode: 0o755 },
    contentVector: {},
    existenceVector: {},
    deleted: false,
    ...fields,
  }
}

test('what is offered is kept until it was answered', () => {
  const reoffers = new Reoffers()
  reoffers.add(state('atlas.1'))
  expect([reoffers.isEmpty, reoffers.has('atlas.1' as EntryId)]).toEqual([false, true])
  reoffers.answered('atlas.1' as EntryId)
  expect(reoffers.isEmpty).toBe(true)
})

test('a state without a position is offered at the first one', () => {
  const reoffers = new Reoffers()
  reoffers.add(state('atlas.1', { seq: 0 }))
  expect(reoffers.states).toEqual([state('atlas.1', { seq: 1 })])
})

test('tombstones are taken out, and the rest stays', () => {
  const reoffers = new Reoffers()
  reoffers.add(state('atlas.1'))
  reoffers.add(state('atlas.2', { deleted: true }))
  expect(reoffers.takeTombstones().map(({ id }) => id)).toEqual(['atlas.2'])
  expect(reoffers.states.map(({ id }) => id)).toEqual(['atlas.1'])
})
