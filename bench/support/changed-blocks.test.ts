import { expect, test } from 'vitest'
import { changedBlocks } from './changed-blocks.ts'

const BEFORE = Buffer.from('aaaabbbbcccc')

test.each([
  ['nothing, where nothing changed', 'aaaabbbbcccc', []],
  ['the block that an overwritten byte lies in', 'aaaabxbbcccc', ['bxbb']],
  ['the short block at the end, where something was appended', 'aaaabbbbccccd', ['d']],
  ['every block behind a byte put in front', 'xaaaabbbbcccc', ['xaaa', 'abbb', 'bccc', 'c']],
  ['nothing for what was cut off at a block', 'aaaabbbb', []],
  ['the rest of a block that was cut short', 'aaaabb', ['bb']],
])('blocks of a fixed size send %s', (_what, after, expected) => {
  expect(changedBlocks(BEFORE, Buffer.from(after), 4).map(String)).toEqual(expected)
})
