import type { Command } from 'commander'
import type { VersionView } from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { findBoundPath } from '../bound-path.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes, table } from '../format.ts'
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
    const found = await asNode(stateRoot(options.state, terminal.env), async (client, record) => {
      const { binding, path } = await findBoundPath(record, terminal.cwd, given)
      return client.history(binding.folder, { path }, { limit: Math.min(options.limit, 1000) })
    })
    if (options.json === true) terminal.printJson(found)
    else for (const line of table([HEAD, ...found.versions.map(row)])) terminal.print(line)
    return EXIT.ok
  }
}

const HEAD = ['VERSION', 'WHEN', 'NODE', 'CHANGE', 'SIZE', 'PATH']

function row({ seq, at, node, registers, content, deleted, path }: VersionView): string[] {
  const change = deleted ? 'deleted' : registers.join('+')
  const size = content.kind === 'file' ? bytes(content.size) : content.kind
  return [String(seq), at, node, change, size, path]
}
