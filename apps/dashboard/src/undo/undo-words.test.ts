import { NodeIdSchema, type CommitUndo } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { undoLines, undoneWords } from './undo-words.ts'

const nothing: CommitUndo = {
  node: NodeIdSchema.parse('ash'),
  at: '',
  edited: 0,
  deleted: 0,
  restored: 0,
  moved: 0,
  sample: [],
  left: [],
  leftCount: 0,
}

test('what an undo would change is counted by what happens, in whole sentences', () => {
  expect(undoLines({ ...nothing, edited: 1, deleted: 2, restored: 31, moved: 1 })).toEqual([
    '1 edit goes back to the version before',
    '31 deleted entries come back',
    '1 moved entry goes back to where it was',
    '2 new entries are deleted',
  ])
  expect(undoLines(nothing)).toEqual([])
})

test('once it is done, it is told how much was, and how much was left alone', () => {
  expect(undoneWords({ ...nothing, restored: 3 })).toBe('3 changes of the commit undone.')
  expect(undoneWords({ ...nothing, edited: 1, leftCount: 2 })).toBe(
    '1 change of the commit undone. 2 entries were left alone.',
  )
  expect(undoneWords({ ...nothing, leftCount: 1 })).toBe('Nothing was left to undo. 1 entry was left alone.')
})
