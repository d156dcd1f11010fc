/**
 * `npm run check`: every check there is, cheap ones first; each of the cheap ones must pass before anything costly
 * runs. `npm test` is the same after an install. Ends with a plain `N passed, N failed` over all tests.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBrowser } from './bootstrap/browser.mjs'
import { ensureCeph } from './bootstrap/ceph.mjs'
import { findPostgres } from './find-postgres.ts'
import { missingServers } from './find-servers.ts'
import { ordinaryUser, type OrdinaryUser } from './ordinary-user.ts'
import { filesThatRunTwice } from './process-files.ts'
import { beginningOf, NO_TESTS, readReport, type Failure, type TestReport } from './test-report.ts'

interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** A cheap step that fails ends the run. */
  readonly gate: boolean
  /** The vitest project whose tests the step runs. */
  readonly project?: string
  /** These of its test files; all if left out. */
  readonly files?: readonly string[]
  /**
   * Real processes, disks and browsers on a machine that others use too: files with a failure are run once more,
   * alone. What passes only then does not fail the step, and is named at the end.
   */
  readonly secondTry?: boolean
  /** Puts in place what the step needs; throws an `Error` for a person. */
  readonly prepare?: () => unknown
  /** Where it can't be prepared, it is not run, which is said, and does not fail. */
  readonly whereItCan?: true
  /** Why some of its tests are skipped on this machine; the summary says so. */
  readonly skipped?: () => readonly string[]
  /** Run with a umask of 077, and as somebody else where root runs the checks. */
  readonly asOrdinaryUser?: true
}

interface Result {
  readonly step: Step
  readonly seconds: number
  readonly ok: boolean
  readonly tests: TestReport
  /** What failed at first, and passed when its files were run again. */
  readonly unsteady: readonly Failure[]
  /** Why it could not be run on this machine. */
  readonly impossible?: string
}

/** So many lines of each failure are told again at the very end, where a log that was cut still has them. */
const LINES_OF_A_FAILURE = 30
/** More than this is no bad moment of the machine. */
const MOST_FILES_AGAIN = 2
/** Below what a step came to. */
const INDENT = ' '.repeat(22)
const ROOT = join(import.meta.dirname, '..')

const STEPS: readonly Step[] = [
  { name: 'lock', command: ['node', 'scripts/complete-lock.mjs', '--check'], gate: true },
  { name: 'format', command: ['oxfmt', '--check'], gate: true },
  { name: 'lint', command: ['oxlint'], gate: true },
  { name: 'types', command: ['tsc', '--project', 'tsconfig.json'], gate: true },
  { name: 'page-types', command: ['tsc', '--project', 'apps/dashboard/tsconfig.json'], gate: true },
  { name: 'dead-code', command: ['knip'], gate: true },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], gate: false, project: 'unit' },
  {
    name: 'process',
    command: ['vitest', 'run', '--project', 'process'],
    gate: false,
    project: 'process',
    secondTry: true,
  },
  {
    name: 'ordinary',
    // The runner's own way to read a configuration writes beside it, where an ordinary user may not.
    command: ['vitest', 'run', '--config', 'tests/vitest.config.ts', '--configLoader', 'runner'],
    gate: false,
    project: 'process',
    secondTry: true,
    asOrdinaryUser: true,
  },
  {
    name: 'cluster',
    command: ['vitest', 'run', '--project', 'cluster'],
    gate: false,
    project: 'cluster',
    secondTry: true,
    prepare: () => {
      const found = findPostgres()
      if (found.kind === 'missing') throw new Error(found.reason)
    },
    whereItCan: true,
    skipped: missingServers,
  },
  {
    name: 'browser',
    command: ['vitest', 'run', '--project', 'browser'],
    gate: false,
    project: 'browser',
    secondTry: true,
    prepare: ensureBrowser,
  },
  {
    name: 's3',
    command: ['vitest', 'run', '--project', 's3'],
    gate: false,
    project: 's3',
    secondTry: true,
    prepare: ensureCeph,
    whereItCan: true,
  },
]

const HELP = `Usage: npm test -- [options]        (the same for: npm run check -- [options])

  --only NAMES    run these steps only, comma-separated: ${STEPS.map((step) => step.name).join(', ')}
  --keep-going    go on after a cheap step has failed
  --help          show this
`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, 'keep-going': { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    process.stdout.write(HELP)
    return 0
  }
  const steps = chosenSteps(values.only)
  if (steps === undefined) return 2
  const results = await runAll(steps, values['keep-going'] === true)
  printSummary(steps, results)
  return results.every((result) => result.ok) ? 0 : 1
}

function chosenSteps(only: string | undefined): readonly Step[] | undefined {
  if (only === undefined) return STEPS
  const names = only.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name))
  if (unknown.length === 0) return STEPS.filter((step) => names.includes(step.name))
  console.error(`There is no step ${unknown.join(', ')}.\n\n${HELP}`)
  return undefined
}

async function runAll(steps: readonly Step[], keepGoing: boolean): Promise<Result[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-check-'))
  const results: Result[] = []
  try {
    const user = steps.some((step) => step.asOrdinaryUser) ? ordinaryUser(ROOT, scratch) : undefined
    const shared = user?.kind === 'ready' && steps.some(isProcess) ? await filesOfProcess() : undefined
    for (const step of steps) {
      const files = isProcess(step) ? shared : undefined
      const result = await runStep({ ...step, ...(files !== undefined && { files }) }, user, scratch)
      results.push({ ...result, step })
      if (!result.ok && step.gate && !keepGoing) break
    }
  } finally {
    await rm(scratch, { recursive: true })
  }
  return results
}

function isProcess({ name }: Step): boolean {
  return name === 'process'
}

/** Where `ordinary` runs as well, and with it all files, `process` leaves to it those that need to run only once. */
async function filesOfProcess(): Promise<readonly string[]> {
  const tests = join(ROOT, 'tests')
  const all = (await readdir(tests)).filter((name) => name.endsWith('.test.ts'))
  return filesThatRunTwice(all).map((name) => join(tests, name))
}

async function runStep(step: Step, user: OrdinaryUser | undefined, scratch: string): Promise<Result> {
  const reason = step.whereItCan === true ? whyNotPrepared(step) : undefined
  if (reason !== undefined) return notRun(step, reason)
  if (step.asOrdinaryUser !== true || user === undefined) return run(step, scratch)
  return user.kind === 'ready' ? run(asUser(step, user), user.home) : notRun(step, user.reason)
}

function asUser(step: Step, { prefix, env }: Extract<OrdinaryUser, { kind: 'ready' }>): Step {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return { ...step, command: [...prefix, 'env', ...variables, ...step.command] }
}

function notRun(step: Step, impossible: string): Result {
  console.log(`\n── ${step.name} ── not run: ${impossible}`)
  return { step, ok: true, seconds: 0, tests: NO_TESTS, unsteady: [], impossible }
}

async function run(step: Step, scratch: string): Promise<Result> {
  const report = join(scratch, `${step.name}.json`)
  console.log(`\n── ${step.name} ── ${step.command.join(' ')}`)
  const began = performance.now()
  const first = isPrepared(step) ? await attempt(step, report, step.files ?? []) : { ok: false, tests: NO_TESTS }
  const files = [...new Set(first.tests.failures.map(({ path }) => path))]
  let result: Omit<Result, 'seconds'> = { step, ...first, unsteady: [] }
  if (step.secondTry === true && !first.ok && files.length > 0 && files.length <= MOST_FILES_AGAIN) {
    console.log(`\n── ${step.name} ── once more: ${files.map((path) => basename(path)).join(', ')}`)
    const again = await attempt(step, report, files)
    if (again.ok) {
      const passed = first.tests.passed + first.tests.failures.length
      result = { step, ok: true, tests: { passed, failed: 0, failures: [] }, unsteady: first.tests.failures }
    }
  }
  return { ...result, seconds: (performance.now() - began) / 1000 }
}

async function attempt(
  { command: [program, ...args], project }: Step,
  report: string,
  files: readonly string[],
): Promise<{ readonly ok: boolean; readonly tests: TestReport }> {
  if (project === undefined) return { ok: (await exitCode(program, args)) === 0, tests: NO_TESTS }
  await rm(report, { force: true })
  const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await exitCode(program, [...args, ...files, ...reporting])
  const tests = await readTests(report)
  // A runner that found no tests, or left no report, has shown nothing.
  return { ok: code === 0 && tests.passed > 0, tests }
}

function isPrepared(step: Step): boolean {
  const reason = whyNotPrepared(step)
  if (reason !== undefined) console.error(reason)
  return reason === undefined
}

function whyNotPrepared({ prepare }: Step): string | undefined {
  try {
    prepare?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function exitCode(program: string, args: readonly string[]): Promise<number> {
  const path = [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH: path } })
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`could not start ${program}: ${cause.message}`, { cause })))
    child.once('close', (code) => resolve(code ?? 1))
  })
}

async function readTests(report: string): Promise<TestReport> {
  const text = await readFile(report, 'utf8').catch(() => undefined)
  return text === undefined ? NO_TESTS : readReport(text)
}

/** A failed step without a failed test (a lint error, a file that can't be loaded) counts as one failure. */
function printSummary(steps: readonly Step[], results: readonly Result[]): void {
  for (const { step, tests, unsteady } of results) {
    printFailures(`failed: ${step.name}`, tests.failures)
    printFailures(`passed only when run again: ${step.name}`, unsteady)
  }
  console.log('\n── summary ──')
  for (const step of steps) {
    const result = results.find((one) => one.step === step)
    if (result === undefined) console.log(`  ${step.name.padEnd(10)}       -  not run`)
    else console.log(`  ${step.name.padEnd(10)} ${result.seconds.toFixed(1).padStart(6)}s  ${outcome(result)}`)
    if (result?.impossible === undefined) for (const reason of step.skipped?.() ?? []) console.log(`${INDENT}${reason}`)
  }
  const passed = sum(results.map(({ tests }) => tests.passed))
  const failed = sum(results.map(({ ok, tests }) => (ok ? tests.failed : Math.max(tests.failed, 1))))
  console.log(`\n${passed} passed, ${failed} failed`)
}

function printFailures(heading: string, failures: readonly Failure[]): void {
  for (const { test, message } of failures) {
    console.log(`\n── ${heading} ── ${test}\n${beginningOf(message, LINES_OF_A_FAILURE)}`)
  }
}

function outcome({ step, ok, tests, unsteady, impossible }: Result): string {
  if (impossible !== undefined) return `not run: ${impossible}`
  const word = ok ? 'ok' : 'FAILED'
  if (step.project === undefined) return word
  const again = unsteady.length === 0 ? '' : `, ${unsteady.length} of them only when run again`
  return `${word}  (${tests.passed} passed${again}, ${tests.failed} failed)`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
