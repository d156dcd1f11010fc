import { parseArgs } from 'node:util'
import { simulate } from './world/simulation.ts'

const HELP = `npm run simulate -- [--seeds A..B] [--nodes N] [--coordinators N] [--trace]

Runs one simulated world after the other and prints what was violated. The same seed, with the same options and at the
same commit, gives the same run to the letter.

  --seeds A..B       which seeds (1..100); a single one as A
  --nodes N          machines, 1 to 8; drawn from the seed if left out
  --coordinators N   coordinators on one store; drawn from the seed if left out
  --trace            prints all that happens, and the digest of each run
`

/** Exit codes: 0 nothing was violated, 1 something was, 2 the arguments do not fit. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === null) {
    process.stderr.write(HELP)
    return 2
  }
  const { from, to, trace, ...size } = options
  const faults = new Map<string, number>()
  let failed = 0
  const beganMs = performance.now()
  const cpu = process.cpuUsage()
  for (let seed = from; seed <= to; seed++) {
    const onLine = (line: string): void => void process.stdout.write(`${line}\n`)
    const result = await simulate(seed, { ...size, ...(trace && { onLine }) })
    for (const [fault, count] of result.faults) faults.set(fault, (faults.get(fault) ?? 0) + count)
    if (trace) process.stdout.write(`seed ${seed}: ${result.trace}\n`)
    if (result.violations.length === 0) continue
    failed += 1
    process.stdout.write(`seed ${seed}: ${result.violations.slice(0, 5).join('\n  ')}\n`)
  }
  const { user, system } = process.cpuUsage(cpu)
  const [wallSeconds, cpuSeconds] = [(performance.now() - beganMs) / 1000, (user + system) / 1e6]
  const runs = to - from + 1
  const hit = [...faults].map(([fault, count]) => `${fault} ${count}`).sort((a, b) => (a < b ? -1 : 1))
  process.stdout.write(
    `${runs} runs, ${failed} with violations; ${(runs / wallSeconds).toFixed(1)} a second (${(runs / cpuSeconds).toFixed(1)} ` +
      `a second of CPU time)\nfaults: ${hit.join(', ')}\n`,
  )
  return failed > 0 ? 1 : 0
}

interface Options {
  readonly from: number
  readonly to: number
  readonly trace: boolean
  readonly nodes?: number
  readonly coordinators?: number
}

function readOptions(args: readonly string[]): Options | null {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      args: [...args],
      options: { seeds: text, nodes: text, coordinators: text, trace: { type: 'boolean' } },
    })
    const range = /^(\d+)(?:\.\.(\d+))?$/.exec(values.seeds ?? '1..100')
    if (range === null) return null
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])]
    const [nodes, coordinators] = [countOf(values.nodes, 8), countOf(values.coordinators, 8)]
    if (to < from || nodes === null || coordinators === null) return null
    return {
      from,
      to,
      trace: values.trace === true,
      ...(nodes !== undefined && { nodes }),
      ...(coordinators !== undefined && { coordinators }),
    }
  } catch {
    return null
  }
}

/** Null for what is no number from 1 to `most`. */
function countOf(value: string | undefined, most: number): number | undefined | null {
  if (value === undefined) return undefined
  const count = Number(value)
  return Number.isSafeInteger(count) && count >= 1 && count <= most ? count : null
}

process.exitCode = await main(process.argv.slice(2))
