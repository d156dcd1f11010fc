import { FolderIdSchema, type HaltReport, type HeldReport } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { haltLines, resumeLines } from './halt-lines.ts'

const work = { id: FolderIdSchema.parse('work'), name: 'work' }
const held: HeldReport = {
  from: 'here',
  files: 31,
  bytes: 12_300,
  directories: [
    { path: 'docs', whole: true, files: 30, bytes: 12_000 },
    { path: '', whole: false, files: 1, bytes: 300 },
  ],
  moreDirectories: 3,
}
const halt: HaltReport = { reason: 'this would remove 32 of 41 entries', removed: 32, live: 41, sample: [], held }

test('a halt tells how many files it holds back, of which directories, and both ways on', () => {
  expect(haltLines(work, halt, '')).toEqual([
    '! halted: this would remove 32 of 41 entries',
    '  Gone from this node, kept everywhere else: 31 files (12.3 kB)',
    '    docs/: 30 files (12.0 kB), the whole directory',
    '    top of the folder: 1 file (300 B)',
    '    and 3 more directories',
    '  "causeway resume work --put-back" puts them back here',
    '  "causeway resume work" lets them go from every node',
  ])
})

test('a folder’s name is one word of the command that lets it go on', () => {
  const [, , , , , putBack] = haltLines({ ...work, name: "Ada's work" }, halt, '')
  expect(putBack).toBe(String.raw`  "causeway resume 'Ada'\''s work' --put-back" puts them back here`)
})

test('the commands lead to the node that holds it back', () => {
  const lines = haltLines(work, halt, ' --state /srv/state')
  expect(lines.slice(-2)).toEqual([
    '  "causeway resume work --put-back --state /srv/state" puts them back here',
    '  "causeway resume work --state /srv/state" lets them go from every node',
  ])
})

test('what was deleted elsewhere comes back everywhere, or goes from this node too', () => {
  expect(
    haltLines(work, { ...halt, held: { ...held, from: 'elsewhere', directories: [], moreDirectories: 0 } }, ''),
  ).toEqual([
    '! halted: this would remove 32 of 41 entries',
    '  Deleted elsewhere, kept on this node: 31 files (12.3 kB)',
    '  "causeway resume work --put-back" puts them back everywhere',
    '  "causeway resume work" lets them go from this node too',
  ])
})

test('what a word does is told, counted, with the way back', () => {
  expect(resumeLines('work', halt, { choice: 'put-back', stateOption: '' })[0]).toBe(
    'work resumes: 31 files (12.3 kB) come back to this node, and nothing is deleted',
  )
  expect(resumeLines('work', halt, { choice: 'let-go', stateOption: ' --state /n' }).slice(0, 3)).toEqual([
    'work resumes: 31 files (12.3 kB) go from every other node too',
    'Every version stays in the history: "causeway restore PATH --state /n" restores it',
    '  docs/: 30 files (12.0 kB), the whole directory',
  ])
})
