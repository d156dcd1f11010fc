import type { Command } from 'commander'
import type { NodeAssignments } from '../../assignments/node-assignments.ts'
import { askRunningNode } from '../ask-running-node.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface DeclineOptions {
  readonly state?: string
}

export function addDeclineCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('decline')
    .description('decline a folder that was given to this node on the dashboard, which shows it; it can be given again')
    .argument('<folder>', "the folder's name or id")
    .option(...STATE_OPTION)
    .action((folder: string, options: DeclineOptions) => run(() => decline(folder, options)))

  async function decline(folder: string, { state }: DeclineOptions): Promise<ExitCode> {
    const remedy = 'run it with "causeway up", then decline the folder in another terminal'
    // Both ends are this program: the answer has the form that was sent.
    const declined = (await askRunningNode(terminal, state, {
      request: { kind: 'decline', folder },
      remedy,
    })) as Awaited<ReturnType<NodeAssignments['decline']>>
    terminal.print(`${declined.name} is declined: it is not synced here`)
    return EXIT.ok
  }
}
