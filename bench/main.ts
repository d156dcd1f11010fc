import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Lifetime } from '../tests/support/lifetime.ts'
import { REPOSITORY } from '../tests/support/processes.ts'
import { bigFile } from './cases/big-file.ts'
import { smallSaves } from './cases/small-saves.ts'
import { tree } from './cases/tree.ts'
import type { Case } from './support/case.ts'
import { describeMachine } from './support/machine.ts'
import { format, type CaseReport } from './support/report.ts'
import { documentOf } from './support/write-docs.ts'

const CASES: readonly Case[] = [tree, bigFile, smallSaves]

const HELP = `npm run bench -- [options]

Measures whole copies by Causeway against plain \`rsync -az\` over a local daemon, in the same run, on loopback.

  --quick        a fraction of the work: to see that it runs, not for figures
  --only CASE    ${CASES.map(({ name }) => name).join(', ')}; may be given more than once
  --json FILE    also writes the figures
  --write-docs   also writes docs/benchmarks.md
  --help         this text
`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) process.stdout.write(HELP)
else await main()

async function main(): Promise<void> {
  const chosen = CASES.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  if (chosen.length === 0) throw new Error(`no case is called ${options.only.join(' or ')}\n${HELP}`)
  const machine = describeMachine()
  process.stdout.write(`${machine}\n\n`)
  const reports: CaseReport[] = []
  for (const one of chosen) {
    const report = await runCase(one)
    reports.push(report)
    process.stdout.write(`${format(report)}\n\n`)
  }
  const figures = { machine, quick: options.quick, cases: reports.map(({ name, figures: of }) => ({ name, ...of })) }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  if (options['write-docs']) {
    await mkdir(join(REPOSITORY, 'docs'), { recursive: true })
    await writeFile(join(REPOSITORY, 'docs/benchmarks.md'), documentOf(machine, reports, options.quick))
  }
}

async function runCase(one: Case): Promise<CaseReport> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), `causeway-bench-${one.name}-`))
  life.add(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))
  try {
    return await one.run({ life, scratch, quick: options.quick })
  } finally {
    await life.end()
  }
}
