import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withSection } from '../../support/doc-sections.ts'
import type { PeersRun } from '../result.ts'
import { plotOf } from './plot.ts'
import { headOf, tableOf } from './table.ts'

/** Keeps a run: the table in docs/benchmarks.md, the plot, and the raw rows. A slow link's run has files of its own. */
export async function writePeersDocs(docs: string, run: PeersRun): Promise<void> {
  const name = run.shaped ? 'bench-peers-slow-link' : 'bench-peers'
  await mkdir(join(docs, 'images'), { recursive: true })
  await writeFile(join(docs, `${name}.json`), `${JSON.stringify(run, null, 1)}\n`)
  await writeFile(join(docs, 'images', `${name}.svg`), plotOf(run))
  const page = join(docs, 'benchmarks.md')
  const before = await readFile(page, 'utf8').catch(() => '# Benchmarks\n')
  await writeFile(page, withSection(before, name, sectionOf(name, run)))
}

function sectionOf(name: string, run: PeersRun): string {
  const head = headOf(run).map((line) => `- ${line}`)
  const title = run.shaped ? 'Side by side, over a slow link' : 'Side by side'
  return `## ${title}

\`npm run bench -- --peers\`${run.shaped ? ' with `--link`' : ''}: the same changes, brought from host A to host B by each tool in turn. Raw rows:
[${name}.json](${name}.json).

${tableOf(run)}

![Seconds and bytes of each case by tool](images/${name}.svg)

${head.join('\n')}`
}
