import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Lifetime } from '../tests/support/lifetime.ts'
import { REPOSITORY } from '../tests/support/processes.ts'
import { bigFile } from './cases/big-file.ts'
import { smallSaves } from './cases/small-saves.ts'
import { tree } from './cases/tree.ts'
import { mainFrames } from './frames/main.ts'
import { mainMicro } from './micro/main.ts'
import { mainPeers } from './peers/main.ts'
import { mainScale } from './scale/main.ts'
import type { Case } from './support/case.ts'
import { withSection } from './support/doc-sections.ts'
import { describeMachine } from './support/machine.ts'
import { format, type CaseReport } from './support/report.ts'
import { documentOf } from './support/write-docs.ts'

const CASES: readonly Case[] = [tree, bigFile, smallSaves]

const HELP = `npm run bench -- [options]

Measures whole copies by Causeway against plain \`rsync -az\` over a local daemon, in the same run, on loopback.
Others, each with a --help of its own: --peers (beside rsync, Unison and Syncthing), --micro (the parts alone),
--scale (many files, many nodes, huge files), --frames (the page's frame times); \`npm run load\` (many nodes at once).

  --quick        a fraction of the work: to see that it runs, not for figures
  --only CASE    ${CASES.map(({ name }) => name).join(', ')}; may be given more than once
  --json FILE    also writes the figures
  --write-docs   also writes docs/benchmarks.md
  --help         this text
`

const MODES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  '--peers': mainPeers,
  '--micro': mainMicro,
  '--scale': mainScale,
  '--frames': mainFrames,
}

const { values: options } = parseArgs({
  // Another way of measuring has options of its own.
  args: modeIn(process.argv) === undefined ? process.argv.slice(2) : [],
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const mode = modeIn(process.argv)
if (mode !== undefined) await mode(process.argv.slice(2))
else if (options.help) process.stdout.write(HELP)
else await main()

function modeIn(args: readonly string[]): ((args: readonly string[]) => Promise<void>) | undefined {
  return Object.entries(MODES).find(([flag]) => args.includes(flag))?.[1]
}

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
    const page = join(REPOSITORY, 'docs/benchmarks.md')
    const text = documentOf(machine, reports, options.quick)
    await writeFile(page, withSection(await readFile(page, 'utf8'), 'bench-copies', text))
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
