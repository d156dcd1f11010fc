/** What vitest's JSON report says of a run: the counts, and each failure in the words of its error. */
import { basename } from 'node:path'
import { z } from 'zod'

export interface TestReport {
  readonly passed: number
  readonly failed: number
  readonly failures: readonly Failure[]
}

export interface Failure {
  /** The file's name and the test's full title; the file's name alone where it could not be loaded. */
  readonly test: string
  readonly message: string
  /** The path of the file that has the test. */
  readonly path: string
}

export const NO_TESTS: TestReport = { passed: 0, failed: 0, failures: [] }

const ReportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

/** @throws Error if the text is not such a report. */
export function readReport(text: string): TestReport {
  const { numPassedTests, numFailedTests, testResults } = ReportSchema.parse(JSON.parse(text))
  const failures = testResults.flatMap(({ name, message = '', assertionResults }) => {
    const file = basename(name)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const tests = failed.map((one) => ({
      test: `${file} > ${one.fullName}`,
      message: (one.failureMessages ?? []).join('\n'),
      path: name,
    }))
    return tests.length === 0 && message !== '' ? [{ test: file, message, path: name }] : tests
  })
  return { passed: numPassedTests, failed: numFailedTests, failures }
}

/** The first lines of a text and how many were left out. */
export function beginningOf(text: string, lines: number): string {
  const all = text.trimEnd().split('\n')
  if (all.length <= lines) return all.join('\n')
  return [...all.slice(0, lines), `… ${all.length - lines} more lines above, where the test ran`].join('\n')
}
