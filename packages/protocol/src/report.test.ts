import { expect, test } from 'vitest'
import { FolderIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { FolderReportSchema, type FolderReport } from './link.ts'
import { fitReport } from './report.ts'

const BOUNDS = {
  problems: LIMITS.problemsPerReport,
  sample: LIMITS.samplesPerHalt,
  path: LIMITS.pathBytes,
  code: LIMITS.codeCharacters,
  message: LIMITS.messageCharacters,
  reason: LIMITS.messageCharacters,
}
type Field = keyof typeof BOUNDS

test.each(Object.keys(BOUNDS) as Field[])('a report with %s at its limit is taken, and above it is not', (field) => {
  expect(FolderReportSchema.safeParse(reportWith(field, BOUNDS[field])).success).toBe(true)
  const over = reportWith(field, BOUNDS[field] + 1)
  expect(FolderReportSchema.safeParse(over).success).toBe(false)
  // What a node sends is made to fit before it leaves.
  expect(FolderReportSchema.safeParse(fitReport(over)).success).toBe(true)
})

test('a report that fits goes as it is', () => {
  const report = reportWith('message', 10)
  expect(fitReport(report)).toEqual(report)
})

function reportWith(field: Field, size: number): FolderReport {
  const text = (name: Field) => 'x'.repeat(name === field ? size : 1)
  const problem = { path: text('path'), code: text('code'), message: text('message') }
  return {
    folder: FolderIdSchema.parse('work'),
    state: 'halted',
    cursor: 0,
    pendingUp: 0,
    pendingDown: 0,
    problems: Array.from({ length: field === 'problems' ? size : 1 }, () => problem),
    transfer: null,
    halted: {
      reason: text('reason'),
      removed: 1,
      live: 1,
      sample: Array.from({ length: field === 'sample' ? size : 1 }, () => 'path'),
    },
  }
}
