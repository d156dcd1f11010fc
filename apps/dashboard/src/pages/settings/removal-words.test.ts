import { expect, test } from 'vitest'
import { carriedBy, holds } from './removal-words.ts'

test('what a folder holds is counted, each kind that there is', () => {
  const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0 }
  expect(holds(counts)).toBe('holds nothing')
  expect(holds({ ...counts, files: 1, bytes: 20 })).toBe('holds 1 file, 20 B')
  expect(holds({ files: 1200, directories: 2, symlinks: 1, bytes: 8_100_000 })).toBe(
    'holds 1,200 files, 2 directories and 1 link, 8.10 MB',
  )
})

test('the nodes that carry it are counted and named, and their files stay', () => {
  expect(carriedBy([])).toBe('No node has it.')
  expect(carriedBy(['ash'])).toBe(
    '1 node carries it (ash): the files on its disk stay where they are, and are no longer synced.',
  )
  expect(carriedBy(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toContain('7 nodes carry it (a, b, c and 4 more)')
})
