import { expect, test } from 'vitest'
import { runCrashPoints } from './crash-points/run.ts'
import { installStrace, whyNoStrace } from './crash-points/strace.ts'
import { tableOf } from './crash-points/table.ts'

/** What touches most of a disk in different ways; `npm run crash-points` tries everything. */
const SCENARIOS = [
  'receive/replace',
  'receive/delete',
  'receive/ring3',
  'receive/kinds',
  'send/edit',
  'commit/place',
  'housekeeping',
]
const POINTS = 40

installStrace()
const reason = whyNoStrace()
if (reason !== undefined) process.stderr.write(`no crash points are tried: ${reason}\n`)

test.skipIf(reason !== undefined)(
  'a node or a coordinator that dies before any one of its system calls goes on, and nothing is lost or left over',
  { timeout: 900_000 },
  async () => {
    const lines: string[] = []
    const results = await runCrashPoints({
      scenarios: SCENARIOS,
      sampleSize: POINTS,
      jobs: 2,
      report: (line) => lines.push(line),
    })
    process.stderr.write(`${tableOf(results)}\n`)
    const hasFaults = results.some(({ outcome }) => outcome.faults.length > 0)
    expect(hasFaults ? lines.join('\n') : 'no faults').toBe('no faults')
    // Some are missed when a busy machine does things in another order; most must not be.
    expect(results.filter(({ outcome }) => outcome.met !== undefined).length).toBeGreaterThan(POINTS / 2)
  },
)
