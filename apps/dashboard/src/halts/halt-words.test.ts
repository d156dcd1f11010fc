import { FolderIdSchema, type FolderView, type HeldReport } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { countedOf, haltWords } from './halt-words.ts'
import type { Halt } from './halts-of.ts'

const held: HeldReport = { from: 'here', files: 30, bytes: 12_300, directories: [], moreDirectories: 0 }

test('what is gone from a node can be put back there, or go from the others, which are named', () => {
  const words = haltWords(halt(held), 'ash', ['birch', 'cedar'])
  expect(words).toMatchObject({
    title: 'ash holds back a removal in Work',
    what: '30 files (12.3 kB) are gone from ash. The others keep them until you decide.',
    putBack: 'Put them back on ash',
    consequence: '30 files (12.3 kB) are deleted on 2 other nodes too: birch and cedar.',
  })
  expect(haltWords(halt(held), 'ash', []).consequence).toMatch(/No other node carries it/)
})

test('what was deleted elsewhere can be put back everywhere, or go from the node that kept it', () => {
  const words = haltWords(halt({ ...held, from: 'elsewhere' }), 'ash', ['birch'])
  expect(words.putBack).toBe('Put them back everywhere')
  expect(words.consequence).toBe('30 files (12.3 kB) are deleted on ash too.')
})

test('where nothing but empty directories goes, or nothing is known by directory, the entries are counted', () => {
  expect(countedOf(halt({ ...held, files: 0, bytes: 0 }))).toBe('31 empty directories')
  expect(countedOf(halt(null))).toBe('31 entries of 40')
})

test('a folder’s name is set apart in every sentence', () => {
  const named = { ...halt(held), folder: { ...halt(held).folder, name: 'שלום\u202E' } }
  for (const one of [named, { ...named, held: { ...held, from: 'elsewhere' as const } }]) {
    expect(haltWords(one, 'ash', []).title).toContain('\u2068שלום\\u202e\u2069')
  }
})

function halt(told: HeldReport | null): Halt {
  const settings = {
    deleteBrakeShare: 0.5,
    deleteBrakeMin: 20,
    keepAllDays: 30,
    keepThinnedDays: null,
    quotaBytes: null,
  }
  const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0 }
  const id = FolderIdSchema.parse('work')
  const about = { id, name: 'Work', epoch: 'e', head: 0, clock: {}, settings, halted: null, createdAt: '', counts }
  const folder: FolderView = { ...about, openConflicts: 0 }
  return {
    folder,
    node: null,
    kind: 'removal',
    reason: '',
    removed: 31,
    live: 40,
    sample: [],
    held: told,
    obstacle: null,
  }
}
