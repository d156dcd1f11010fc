import { expect, test } from 'vitest'
import { ROOT_ID, entryIdOf, ContentHashSchema, NodeIdSchema, type EntryState } from '@causeway/protocol'
import type { BaseEntry } from '../tree.ts'
import { mendBelief } from './mend-belief.ts'

const id = entryIdOf(NodeIdSchema.parse('ash'), 1)
const elsewhere = entryIdOf(NodeIdSchema.parse('ash'), 2)
const bytes = (digit: string) =>
  ({ kind: 'file', hash: ContentHashSchema.parse(digit.repeat(64)), size: 1, mode: 0o644, mtimeNs: '1' }) as const

const told: EntryState = {
  id,
  seq: 7,
  parent: ROOT_ID,
  name: 'note.txt',
  placeVector: { ash: 1 },
  content: bytes('a'),
  contentVector: { ash: 1, birch: 4 },
  deleted: false,
  existenceVector: {},
}

function baseOf(change: Partial<BaseEntry> = {}): BaseEntry {
  const { parent, name, placeVector, content, contentVector, existenceVector } = told
  const stat = { kind: 'file', size: 1, mode: 0o644, mtimeNs: 1n, ctimeNs: 1n } as const
  const inode = { inode: 1n, birthtimeNs: 1n, device: 1n }
  const vectors = { placeVector, contentVector, existenceVector }
  return { id, parent, name, content, ...vectors, stat: { ...stat, ...inode }, seq: 1, racy: false, ...change }
}

test('what the coordinator holds and the node knows nothing of is still to come', () => {
  expect(mendBelief(undefined, told)).toEqual({ base: 'keep', pending: told })
})

test('what the coordinator does not hold is looked at again: nothing of the mend ever deletes', () => {
  expect(mendBelief(baseOf(), undefined)).toEqual({ base: 'look-again', pending: null })
  expect(mendBelief(baseOf(), { ...told, deleted: true, existenceVector: { cedar: 9 } })).toEqual({
    base: 'look-again',
    pending: null,
  })
})

test('what neither side holds is forgotten', () => {
  expect(mendBelief(undefined, undefined)).toEqual({ base: 'keep', pending: null })
  expect(mendBelief(undefined, { ...told, deleted: true })).toEqual({ base: 'keep', pending: null })
})

test('where only the vectors differ, the coordinator’s are taken', () => {
  expect(mendBelief(baseOf({ contentVector: { ash: 1 } }), told)).toEqual({ base: 'take-vectors', pending: null })
  expect(mendBelief(baseOf({ contentVector: { ash: 9 } }), told)).toEqual({ base: 'take-vectors', pending: null })
})

test('a later version that was missed replaces the earlier one, as it would have', () => {
  const earlier = baseOf({ content: bytes('b'), contentVector: { ash: 1 } })
  expect(mendBelief(earlier, told)).toEqual({ base: 'keep', pending: told })
  const before = baseOf({ parent: elsewhere })
  expect(mendBelief(before, { ...told, placeVector: { ash: 1, birch: 5 } }).base).toBe('keep')
})

test.each<[string, Partial<BaseEntry>]>([
  ['other bytes under the same vector', { content: bytes('b') }],
  ['another mode under the same vector', { content: { ...bytes('a'), mode: 0o600 } }],
  ['another place under the same vector', { parent: elsewhere }],
  ['other bytes that the coordinator has not seen', { content: bytes('b'), contentVector: { ash: 2 } }],
  ['a place that the coordinator has not seen', { name: 'other', placeVector: { ash: 1, cedar: 1 } }],
])('%s: the disk is looked at again, and the coordinator’s state is still to come', (_what, change) => {
  expect(mendBelief(baseOf(change), told)).toEqual({ base: 'look-again', pending: told })
})
