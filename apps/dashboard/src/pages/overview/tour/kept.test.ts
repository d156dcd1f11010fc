import { expect, test } from 'vitest'
import { readKept } from './kept.ts'
import { NOT_BEGUN, type Progress } from './progress.ts'

const TICK = { at: '2026-11-29T14:03:07.000Z', folder: 'work', entry: 'e', path: 'a.txt', node: 'ash', sizeBytes: 3 }

test('what was kept is read back', () => {
  const progress: Progress = { seen: 12, open: ['work a'], done: { save: TICK }, dismissed: true }
  expect(readKept(JSON.stringify(progress))).toEqual(progress)
})

test.each([null, '', 'no JSON', '7', '[]', '{"seen":-1,"done":{"save":{"at":1}},"open":"x"}'])(
  '%j counts as nothing',
  (text) => expect(readKept(text)).toEqual(NOT_BEGUN),
)
