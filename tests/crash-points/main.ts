/** `npm run crash-points`: kills whole processes just before one system call after the other, and looks at what became of it. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { CALLS, type Call } from './point.ts'
import { replay, runCrashPoints, type RunOptions } from './run.ts'
import { whyNoStrace } from './strace.ts'
import { tableOf } from './table.ts'
import { TRIALS } from './trials.ts'

const HELP = `npm run crash-points -- [options]

Runs a coordinator and nodes on real directories, has strace kill one of them just before its K-th system call of a
kind that changes a disk, starts it again, and checks that everything is in step, that nothing is lost and nothing
left over. Without options every K of every call in every scenario; that takes hours. Needs strace, on Linux.

  --sample N        N points, from all scenarios and calls alike, evenly spaced
  --shard I/N       the I-th of N parts (1/4, 2/4, …)
  --scenario NAME   this one only; may be given more than once. A name without its first part is all of that name
  --call CALL       this system call only; may be given more than once
  --at K            the K-th call only: one point again (with --scenario and --call)
  --jobs N          so many at the same time (${availableParallelism()})
  --list            the names of the scenarios
  --help            this text

Ends with 0 if all is as it should be, 1 if a point failed, 2 if it could not be tried.
`

process.exitCode = await main()

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  if (typeof options === 'string') {
    process.stdout.write(options)
    return 0
  }
  const reason = whyNoStrace()
  if (reason !== undefined) {
    process.stderr.write(`${reason}\n`)
    return 2
  }
  const results = await runCrashPoints(options)
  const failed = results.filter(({ outcome }) => outcome.faults.length > 0)
  process.stdout.write(`\n${tableOf(results)}\n`)
  for (const { point } of failed) process.stdout.write(`failed: ${replay(point)}\n`)
  return failed.length > 0 || results.length === 0 ? 1 : 0
}

function readOptions(): RunOptions | string | undefined {
  try {
    const { values } = parseArgs({
      options: {
        sample: { type: 'string' },
        shard: { type: 'string' },
        scenario: { type: 'string', multiple: true, default: [] },
        call: { type: 'string', multiple: true },
        at: { type: 'string' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return HELP
    if (values.list) return `${TRIALS.map(({ name }) => name).join('\n')}\n`
    return {
      scenarios: values.scenario,
      jobs: numberOf('--jobs', values.jobs),
      report: (line) => process.stdout.write(`${line}\n`),
      ...(values.call !== undefined && { calls: values.call.map(callOf) }),
      ...(values.at !== undefined && { at: numberOf('--at', values.at) }),
      ...(values.sample !== undefined && { sampleSize: numberOf('--sample', values.sample) }),
      ...(values.shard !== undefined && { shard: shardOf(values.shard) }),
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return undefined
  }
}

function numberOf(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`${option} takes a whole number from 1 on, not ${text}`)
  return number
}

function shardOf(text: string): { index: number; count: number } {
  const [index = '', count = ''] = text.split('/')
  const shard = { index: numberOf('--shard', index), count: numberOf('--shard', count) }
  if (shard.index > shard.count) throw new Error(`--shard ${text}: there are only ${shard.count}`)
  return shard
}

function callOf(text: string): Call {
  const call = CALLS.find((one) => one === text)
  if (call === undefined) throw new Error(`--call ${text}: it is one of ${CALLS.join(', ')}`)
  return call
}
