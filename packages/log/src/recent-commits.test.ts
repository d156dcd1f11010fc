import { FolderIdSchema, HashSchema, NodeIdSchema, type Cursor } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createRecentCommits, type CommittedChange } from './recent-commits.ts'

const EDITS = 10_000
const folder = FolderIdSchema.parse('docs')
const hash = HashSchema.parse('ab'.repeat(32))

const at = (seq: number): Cursor => ({ epoch: 'e', seq, tag: '' })

function edit(seq: number, sizeBytes: number): CommittedChange {
  return {
    folder,
    after: at(seq),
    cursor: at(seq + 1),
    clock: { ash: seq },
    states: [],
    contents: [{ hash, bytes: new Uint8Array(sizeBytes) }],
    patches: [],
    node: NodeIdSchema.parse('ash'),
  }
}

test.each([
  ['small ones: 256', 10, 256],
  ['large ones: as many as have room in 16 MB', 4 * 1024 * 1024, 4],
])('after 10,000 edits of one file it holds the last few, of %s', (_what, sizeBytes, most) => {
  const commits = createRecentCommits()
  const large = edit(0, sizeBytes)
  for (let seq = 0; seq < EDITS; seq++) commits.put({ ...large, after: at(seq), cursor: at(seq + 1) })
  const held = Array.from({ length: EDITS }, (_, seq) => seq).filter(
    (seq) => commits.after(folder, at(seq)) !== undefined,
  )
  expect(held).toHaveLength(most)
  expect(held[0]).toBe(EDITS - most)
})
