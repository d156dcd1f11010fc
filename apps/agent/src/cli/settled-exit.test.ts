import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { Settled } from '../runner/settling.ts'
import { settledExit } from './settled-exit.ts'

const STATE = ' --state /srv/atlas'

test('waiting for a halted folder ends with what is held back, by directory, and both ways on', () => {
  const directories = [{ path: 'Letters', files: 40, bytes: 4_000, whole: true }]
  const held = { from: 'here', files: 40, bytes: 4_000, directories, moreDirectories: 0 } as const
  const halt = { reason: 'too much would go', removed: 41, live: 60, sample: ['Letters/1'], held }
  expect(ended({ kind: 'halted', reason: halt.reason, halt, code: 'halted' })).toEqual([
    'causeway: Our photos is halted: too much would go',
    '  Gone from this node, kept everywhere else: 40 files (4.0 kB)',
    '    Letters/: 40 files (4.0 kB), the whole directory',
    `  "causeway resume 'Our photos' --put-back --state /srv/atlas" puts them back here`,
    `  "causeway resume 'Our photos' --state /srv/atlas" lets them go from every node`,
    4,
  ])
})

test('where the directory is gone it says what to do; where a person has paused the folder, that', () => {
  expect(ended({ kind: 'halted', reason: 'there is no such directory', halt: null, code: 'root-missing' })).toEqual([
    'causeway: Our photos is halted: there is no such directory',
    '  Mount the disk or put the directory back; syncing then continues.',
    4,
  ])
  expect(ended({ kind: 'halted', reason: 'paused by a person', halt: null, code: 'paused' })).toEqual([
    'causeway: Our photos is paused by a person',
    4,
  ])
})

test('problems that are left are named with what to do about them', () => {
  const problems = [{ path: 'a\u001b[2J', code: 'disk-full', message: 'no space is left' }]
  expect(ended({ kind: 'done', problems })).toEqual([
    'causeway: Our photos:',
    '  ! a\\u001b[2J: no space is left (disk-full)',
    '    Free some space on that machine; syncing then continues.',
    0,
  ])
})

function ended(result: Settled): readonly (string | number)[] {
  const lines: string[] = []
  const folders = [{ folder: FolderIdSchema.parse('our-photos'), name: 'Our photos', result }]
  const exit = settledExit({ warn: (line) => void lines.push(line) }, folders, STATE)
  return [...lines, exit]
}
