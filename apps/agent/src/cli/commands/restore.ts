import { InvalidArgumentError, Option, type Command } from 'commander'
import { stateRoot } from '../../state/locations.ts'
import { findBoundPath } from '../bound-path.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parsePositive, STATE_OPTION } from '../options.ts'
import { localTime } from '../format.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface RestoreOptions {
  readonly state?: string
  readonly version?: number
  readonly at?: string
  readonly json?: boolean
}

export function addRestoreCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('restore')
    .description(
      'restore an earlier version on every node; the current one stays in the history (with --from, the backup of a coordinator)',
    )
    .argument('<path>', 'a path in a synced directory; it may be deleted')
    .addOption(
      new Option('--version <id>', 'the version, as "causeway history" lists it')
        .argParser(parsePositive)
        .conflicts('at'),
    )
    .option(
      '--at <time>',
      'the version that was current at this time, like 2026-11-22T14:03 (local time unless a zone is given)',
      parseTime,
    )
    .option(...STATE_OPTION)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nWithout --version or --at, a deleted path is restored as it last was.')
    .action((path: string, options: RestoreOptions) => run(() => restore(path, options)))

  async function restore(given: string, options: RestoreOptions): Promise<ExitCode> {
    const { asNode } = await import('../as-node.ts')
    const { restored, path } = await asNode(stateRoot(options.state, terminal.env), async (client, record) => {
      const { binding, path } = await findBoundPath(record, terminal.cwd, given)
      const wanted = {
        ...(options.version !== undefined && { version: options.version }),
        ...(options.at !== undefined && { at: options.at }),
      }
      const done = await client.restore(binding.folder, { path, ...wanted })
      return { ...done, path }
    })
    if (options.json === true) terminal.printJson({ restored })
    else if (restored.length === 0) terminal.print(`${path || 'the folder'} ${nothingToDo(options)}`)
    else for (const { path: back } of restored) terminal.print(`restored ${back}`)
    return EXIT.ok
  }
}

/** A path that stands as it is wanted. */
function nothingToDo({ version, at }: RestoreOptions): string {
  if (version !== undefined) return `is as it was in version ${version}: there is nothing to restore`
  if (at !== undefined) return `is as it was at ${localTime(at)}: there is nothing to restore`
  return 'is not deleted: name one of its versions (see "causeway history") with --version, or a time with --at'
}

function parseTime(text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('this is not a time: write it like 2026-11-22T14:03')
  return time.toISOString()
}
