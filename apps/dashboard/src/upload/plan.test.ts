import { expect, test } from 'vitest'
import { planUpload } from './plan.ts'

const of = (path: string, size = 1) => ({ path, file: { size } })

test('everything goes below the directory it is uploaded into', () => {
  const plan = planUpload({ files: [of('a.txt', 3), of('dir/b.txt', 4)], emptyDirectories: ['dir/none'] }, 'into/here')
  expect(plan.files.map(({ path }) => path)).toEqual(['into/here/a.txt', 'into/here/dir/b.txt'])
  expect(plan.directories).toEqual(['into/here/dir/none'])
  expect(plan.bytes).toBe(7)
})

test('what is given twice goes once', () => {
  const plan = planUpload({ files: [of('a', 1), of('a', 2)], emptyDirectories: [] }, '')
  expect(plan.files).toEqual([of('a', 2)])
})

test('names that cannot stand on a disk are refused and told, the rest goes', () => {
  const plan = planUpload({ files: [of('../x'), of('ok'), of(`${'n'.repeat(256)}/y`)], emptyDirectories: ['a//b'] }, '')
  expect(plan.files.map(({ path }) => path)).toEqual(['ok'])
  expect(plan.refused).toHaveLength(3)
})
