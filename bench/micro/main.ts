import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { REPOSITORY } from '../../tests/support/processes.ts'
import { withSection } from '../support/doc-sections.ts'
import { describeMachine } from '../support/machine.ts'
import { positive } from '../peers/args.ts'
import { dataCases } from './data-cases.ts'
import { measureMicro } from './measure.ts'
import type { MicroResult } from './micro-case.ts'
import { packCases } from './pack-cases.ts'
import { plannerCases } from './planner-cases.ts'

const HELP = `npm run bench -- --micro [options]

The parts alone, each beside the plainest way to touch the same data in the same run: how many times its time it takes.

  --runs N       runs of which medians are taken     9
  --quick        less data, fewer runs
  --json FILE    also writes the figures
  --write-docs   also writes them into docs/benchmarks.md
`

/** `npm run bench -- --micro` */
export async function mainMicro(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: {
      micro: { type: 'boolean' },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const machine = describeMachine()
  const results = await runMicro(options.quick, positive(options.runs ?? (options.quick ? '3' : '9'), '--runs'))
  const table = tableOfMicro(results)
  process.stdout.write(`${machine}\n\n${table}\n`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ machine, results }, null, 1)}\n`)
  if (options['write-docs']) {
    const page = join(REPOSITORY, 'docs/benchmarks.md')
    const text = `## The parts alone\n\n\`npm run bench -- --micro\`; ${machine}. Medians of processor time, of waiting time for what waits for a disk.\n\n${table}`
    await writeFile(page, withSection(await readFile(page, 'utf8'), 'bench-micro', text))
  }
}

async function runMicro(quick: boolean, runs: number): Promise<readonly MicroResult[]> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-bench-micro-'))
  life.add(() => rm(scratch, { recursive: true, force: true }))
  try {
    const cases = [...(await dataCases(quick)), ...plannerCases(quick), ...(await packCases(life, scratch, quick))]
    const results: MicroResult[] = []
    for (const one of cases) results.push(await measureMicro(one, runs))
    return results
  } finally {
    await life.end()
  }
}

function tableOfMicro(results: readonly MicroResult[]): string {
  const rate = (value: number, unit: MicroResult['unit']): string =>
    unit === 'bytes' ? `${(value / 1e6).toFixed(0)} MB/s` : `${Math.round(value).toLocaleString('en')}/s`
  const lines = results.map(({ part, work, unit, rate: own, yardstick, plainRate, times }) => [
    part,
    work,
    rate(own, unit),
    `${yardstick}: ${rate(plainRate, unit)}`,
    `${times.toFixed(2)} ×`,
  ])
  const head = ['part', 'work', 'rate', 'yardstick', 'time, against it']
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n')
}
