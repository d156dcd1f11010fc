import type { Command } from 'commander'
import { isSyncError } from '@causeway/protocol'
import { askControl } from '../../state/control.ts'
import { stateRoot } from '../../state/locations.ts'
import { readEnrolment } from '../../state/state-directory.ts'
import { formerLines, offerLines } from '../assignment-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { RunningStatus } from '../run-node.ts'
import { proofLines } from '../proof-lines.ts'
import { describe, reasonsOf } from '../status-line.ts'
import type { Terminal } from '../terminal.ts'

interface StatusOptions {
  readonly state?: string
  readonly json?: boolean
}

export function addStatusCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('status')
    .description('tell what a running node does: state, cursor, what is pending, problems')
    .option(...STATE_OPTION)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExits with 1 if no node runs with this state directory.')
    .action((options: StatusOptions) => run(() => status(options)))

  async function status(options: StatusOptions): Promise<ExitCode> {
    const { record, locations } = await readEnrolment(stateRoot(options.state, terminal.env))
    try {
      // Both ends are this program: the answer has the form that was sent.
      const running = (await askControl(locations.control, { kind: 'status' })) as RunningStatus
      if (options.json === true) terminal.printJson({ running: true, ...running })
      else print(running)
      return EXIT.ok
    } catch (error) {
      if (!isSyncError(error, 'not-found')) throw error
      const { node, name, coordinator, folders } = record
      const known = { running: false, node, name, coordinator: { ...coordinator, connected: false }, folders: [] }
      if (options.json === true) terminal.printJson({ ...known, bindings: folders })
      else terminal.print(`${name} (${node}) is not running`)
      return EXIT.failed
    }
  }

  function print({ node, name, coordinator, folders, offers, former }: RunningStatus): void {
    terminal.print(`${name} (${node}), ${coordinator.connected ? 'connected to' : 'cut off from'} ${coordinator.url}`)
    for (const folder of folders) {
      terminal.print(`  ${describe(folder)}`)
      terminal.print(`    ${folder.directory}, ${folder.access}, at change ${folder.cursor}`)
      for (const line of proofLines(folder, terminal.wallNow())) terminal.print(`    ${line}`)
      for (const reason of reasonsOf(folder)) terminal.print(`    ${reason}`)
    }
    for (const line of offerLines(offers)) terminal.print(`  ${line}`)
    for (const line of formerLines(former, terminal.wallNow())) terminal.print(`  ${line}`)
  }
}
