import { EntryIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { countRows, deleteWords } from './delete-words.ts'
import type { Row } from './row.ts'

const row: Row = {
  id: EntryIdSchema.parse('ash.1'),
  path: 'a',
  name: 'a',
  kind: 'file',
  size: 1_000,
  changedMs: 0,
  seq: 1,
  within: null,
}
const directory: Row = {
  ...row,
  kind: 'directory',
  within: { files: 1_200, directories: 3, symlinks: 4, bytes: 2_000_000, newestMs: null },
}

test('before a delete one reads how many files go, of how many bytes, and what of that is in how many directories', () => {
  expect(deleteWords(countRows([row]))).toMatch(/^1 file \(1\.00 kB\): gone from every node\. History keeps/)
  expect(deleteWords(countRows([directory]))).toMatch(/^1 directory with 1,204 files \(2\.00 MB\) in it: gone/)
  expect(deleteWords(countRows([directory, directory, row, row]))).toMatch(
    /^2 directories with 2,408 files \(4\.00 MB\) in them, and 2 files \(2\.00 kB\): gone/,
  )
  const empty = { ...directory, within: { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null } }
  expect(deleteWords(countRows([empty]))).toMatch(/^1 directory with no file in it: gone/)
})
