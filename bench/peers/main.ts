import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { REPOSITORY } from '../../tests/support/processes.ts'
import { parsePeersArgs, PEERS_HELP } from './args.ts'
import { plotOf } from './report/plot.ts'
import { headOf, tableOf } from './report/table.ts'
import { writePeersDocs } from './report/write-docs.ts'
import { runPeers } from './run.ts'

/** `npm run bench -- --peers`: measures, prints, and writes what was asked for. */
export async function mainPeers(args: readonly string[]): Promise<void> {
  const options = parsePeersArgs(args)
  if (options === 'help') {
    process.stdout.write(PEERS_HELP)
    return
  }
  const run = await runPeers(options, (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(`${headOf(run).join('\n')}\n\n${tableOf(run)}\n`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(run, null, 1)}\n`)
  if (options.svg !== undefined) await writeFile(options.svg, plotOf(run))
  if (options.writeDocs) await writePeersDocs(join(REPOSITORY, 'docs'), run)
}
