import type { Command } from 'commander'
import { actorOf, versionChange, type HistoryResponse, type VersionView } from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { findBoundPath } from '../bound-path.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes, localTime, table } from '../format.ts'
import { nodeNames, type NodeNames } from '../node-names.ts'
import { parsePositive, STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface HistoryOptions {
  readonly state?: string
  readonly limit: number
  readonly json?: boolean
}

export function addHistoryCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('history')
    .description('list the kept versions of a file or directory, newest first, through its renames; deleted ones too')
    .argument('<path>', 'a path in a synced directory')
    .option('--limit <count>', 'how many versions at most', parsePositive, 50)
    .option(...STATE_OPTION)
    .option('--json', 'as JSON')
    .action((path: string, options: HistoryOptions) => run(() => history(path, options)))

  async function history(given: string, options: HistoryOptions): Promise<ExitCode> {
    const { asNode } = await import('../as-node.ts')
    const isJson = options.json === true
    const { found, authors } = await asNode(stateRoot(options.state, terminal.env), async (client, record) => {
      const { binding, path } = await findBoundPath(record, terminal.cwd, given)
      const limit = Math.min(options.limit, 1000)
      return {
        found: await client.history(binding.folder, { path }, { limit }),
        authors: isJson ? [] : await client.authors(binding.folder),
      }
    })
    if (isJson) terminal.printJson(found)
    else for (const line of lines(found, nodeNames(authors))) terminal.print(line)
    return EXIT.ok
  }
}

const HEAD = ['VERSION', 'WHEN', 'BY', 'CHANGE', 'SIZE', 'PATH']

function lines({ versions, next }: HistoryResponse, nameOf: NodeNames): string[] {
  const more = next === null ? [] : ['There are older ones; raise --limit to list them.']
  return [...table([HEAD, ...versions.map((version, at) => row(version, versions[at + 1], nameOf))]), ...more]
}

function row(version: VersionView, before: VersionView | undefined, nameOf: NodeNames): string[] {
  const { seq, at, content, path } = version
  const size = content.kind === 'file' ? bytes(content.size) : content.kind
  return [String(seq), localTime(at), whoOf(version, nameOf), versionChange(version, before), size, path]
}

function whoOf(version: VersionView, nameOf: NodeNames): string {
  const actor = actorOf(version)
  if (actor.kind === 'person') return actor.name
  return nameOf(actor.kind === 'node' ? actor.node : version.node)
}
