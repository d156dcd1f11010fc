import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Accepted } from '../../assignments/node-assignments.ts'
import { askRunningNode } from '../ask-running-node.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface AcceptOptions {
  readonly state?: string
}

export function addAcceptCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('accept')
    .description('accept a folder that was given to this node on the dashboard; "causeway status" lists them')
    .argument('<folder>', "the folder's name or id")
    .argument(
      '[dir]',
      'the directory to keep it in; it may already hold files (default: where this node kept it before)',
    )
    .option(...STATE_OPTION)
    .action((folder: string, directory: string | undefined, options: AcceptOptions) =>
      run(() => accept(folder, directory, options)),
    )

  async function accept(folder: string, given: string | undefined, options: AcceptOptions): Promise<ExitCode> {
    const directory = given === undefined ? null : resolve(terminal.cwd, given)
    const request = { kind: 'accept', folder, directory } as const
    const remedy = 'run it with "causeway up", then accept the folder in another terminal'
    // Both ends are this program: the answer has the form that was sent.
    const accepted = (await askRunningNode(terminal, options.state, { request, remedy })) as Accepted
    terminal.print(`${accepted.name} is now kept in ${accepted.directory} (${accepted.access})`)
    return EXIT.ok
  }
}
