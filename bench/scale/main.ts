import { execFile } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { REPOSITORY } from '../../tests/support/processes.ts'
import { withSection } from '../support/doc-sections.ts'
import { describeMachine } from '../support/machine.ts'
import { parseScaleArgs, SCALE_HELP, type ScaleOptions } from './args.ts'
import { crowd } from './crowd.ts'
import { firstCopy } from './first-copy.ts'
import { formatFigure, type ScaleFigure } from './figure.ts'
import { manyFiles } from './many-files.ts'
import { sparse } from './sparse.ts'

const execute = promisify(execFile)

type ScaleCase = (life: Lifetime, scratch: string, options: ScaleOptions) => Promise<readonly ScaleFigure[]>

/** `npm run bench -- --scale` */
export async function mainScale(args: readonly string[]): Promise<void> {
  const options = parseScaleArgs(args)
  if (options === 'help') {
    process.stdout.write(SCALE_HELP)
    return
  }
  const machine = describeMachine()
  process.stdout.write(`${machine}\n\n`)
  const cases: ScaleCase[] = []
  if (options.only.includes('crowd')) cases.push(crowd)
  if (options.only.includes('sparse')) cases.push(sparse)
  // Last: its files take the disk's time when they are removed.
  if (options.only.includes('idle') || options.only.includes('rescan')) cases.push(manyFiles)
  if (options.only.includes('first-copy')) cases.push(firstCopy)
  const figures: ScaleFigure[] = []
  for (const one of cases) figures.push(...(await runScale(one, options)))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ machine, figures }, null, 1)}\n`)
  if (options.writeDocs) {
    const page = join(REPOSITORY, 'docs/benchmarks.md')
    const lines = figures.map((figure) => `- ${formatFigure(figure)}`).join('\n')
    const text = `## What must not grow\n\n\`npm run bench -- --scale\`; ${machine}.\n\n${lines}`
    await writeFile(page, withSection(await readFile(page, 'utf8'), 'bench-scale', text))
  }
}

async function runScale(one: ScaleCase, options: ScaleOptions): Promise<readonly ScaleFigure[]> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-bench-scale-'))
  life.add(async () => void (await execute('rm', ['-rf', scratch])))
  try {
    const figures = await one(life, scratch, options)
    // Before millions of files are removed.
    for (const figure of figures) process.stdout.write(`${formatFigure(figure)}\n`)
    return figures
  } finally {
    await life.end()
  }
}
