import type { Command } from 'commander'
import type { ConflictView } from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime, table } from '../format.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface ConflictsOptions {
  readonly state?: string
  readonly json?: boolean
}

export function addConflictsCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('conflicts')
    .description("list the open conflicts of this node's folders")
    .option(...STATE_OPTION)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExits with 4 if there are any. Edit, rename or delete one of the two files to resolve a conflict.',
    )
    .action((options: ConflictsOptions) => run(() => conflicts(options)))

  async function conflicts(options: ConflictsOptions): Promise<ExitCode> {
    const { asNode } = await import('../as-node.ts')
    const { open, names } = await asNode(stateRoot(options.state, terminal.env), async (client, { folders }) => {
      const lists = await Promise.all(folders.map(({ folder }) => client.conflicts(folder)))
      return { open: lists.flat(), names: new Map<string, string>(folders.map(({ folder, name }) => [folder, name])) }
    })
    if (options.json === true) terminal.printJson({ conflicts: open })
    else for (const line of lines(open, names)) terminal.print(line)
    return open.length === 0 ? EXIT.ok : EXIT.person
  }
}

function lines(open: readonly ConflictView[], names: ReadonlyMap<string, string>): string[] {
  if (open.length === 0) return ['no open conflicts']
  const rows = open.map(({ folder, at, rivalPath, copyPath }) => {
    return [names.get(folder) ?? folder, localTime(at), rivalPath, copyPath]
  })
  return [
    ...table([['FOLDER', 'SINCE', 'FILE', 'CONFLICT COPY'], ...rows]),
    'To resolve one, edit, rename or delete one of its two files.',
  ]
}
