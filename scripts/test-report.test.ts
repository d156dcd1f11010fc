import { expect, test } from 'vitest'
import { beginningOf, readReport } from './test-report.ts'

test('a report tells what passed, and each failure by file, title and words', () => {
  const report = {
    numPassedTests: 2,
    numFailedTests: 1,
    testResults: [
      {
        name: '/home/ada/causeway/tests/edits.test.ts',
        message: '',
        assertionResults: [
          { fullName: 'an edit arrives', status: 'passed', failureMessages: [] },
          { fullName: 'edits a lone save', status: 'failed', failureMessages: ['expected 1 to be 2', 'and more'] },
        ],
      },
      {
        name: '/home/ada/causeway/tests/names.test.ts',
        assertionResults: [{ fullName: 'a name', status: 'passed' }],
      },
    ],
  }
  expect(readReport(JSON.stringify(report))).toEqual({
    passed: 2,
    failed: 1,
    failures: [
      {
        test: 'edits.test.ts > edits a lone save',
        message: 'expected 1 to be 2\nand more',
        path: '/home/ada/causeway/tests/edits.test.ts',
      },
    ],
  })
})

test('a file that could not be loaded is a failure of its own', () => {
  const testResults = [{ name: '/x/edits.test.ts', message: 'Cannot find module', assertionResults: [] }]
  const { failures } = readReport(JSON.stringify({ numPassedTests: 0, numFailedTests: 0, testResults }))
  expect(failures).toEqual([{ test: 'edits.test.ts', message: 'Cannot find module', path: '/x/edits.test.ts' }])
})

test('what is no report is refused', () => {
  expect(() => readReport('{}')).toThrow(/numPassedTests/)
})

test('a long message is cut, and says so', () => {
  expect(beginningOf('a\nb\nc\n', 3)).toBe('a\nb\nc')
  expect(beginningOf('a\nb\nc\nd', 2)).toBe('a\nb\n… 2 more lines above, where the test ran')
})
