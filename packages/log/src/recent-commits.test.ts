import { expect, test } from 'vitest'
import { FolderIdSchema, NodeIdSchema, type Cursor } from '@causeway/protocol'
import { createRecentCommits, type CommittedChange } from './recent-commits.ts'

const folder = FolderIdSchema.parse('f')
const MIB = 1024 * 1024

function at(seq: number, tag = 'tag'): Cursor {
  return { epoch: 'epoch', seq, tag }
}

function change(seq: number, bytes = 0): CommittedChange {
  const contents = [{ hash: '' as never, bytes: new Uint8Array(bytes) }]
  const node = NodeIdSchema.parse('n')
  return { folder, after: at(seq - 1), cursor: at(seq), clock: {}, states: [], contents, patches: [], node }
}

test('a commit is found by the exact position it continues from', () => {
  const recent = createRecentCommits()
  const made = change(7)
  recent.put(made)

  expect(recent.after(folder, at(6))).toBe(made)
  expect(recent.after(folder, at(6, 'of another log'))).toBeUndefined()
  expect(recent.after(folder, at(7))).toBeUndefined()
})

test('at most 256 commits are kept, however small', () => {
  const recent = createRecentCommits()
  for (let seq = 1; seq <= 257; seq++) recent.put(change(seq))

  expect(recent.after(folder, at(0))).toBeUndefined()
  expect(recent.after(folder, at(1))).toBeDefined()
})

test('10,000 commits leave behind no more than 256 do', () => {
  const recent = createRecentCommits()
  const made = 10_000
  for (let seq = 1; seq <= made; seq++) recent.put(change(seq, 1024))

  const kept = Array.from({ length: made }, (_, seq) => seq).filter(
    (seq) => recent.after(folder, at(seq)) !== undefined,
  )
  expect(kept).toHaveLength(256)
  expect(kept[0]).toBe(made - 256)
})

test('large commits push older ones out, and one above the limit is not kept at all', () => {
  const recent = createRecentCommits()
  recent.put(change(1, 10 * MIB))
  recent.put(change(2, 10 * MIB))
  expect(recent.after(folder, at(0))).toBeUndefined()
  expect(recent.after(folder, at(1))).toBeDefined()

  recent.put(change(3, 17 * MIB))
  expect(recent.after(folder, at(2))).toBeUndefined()
})
