import type { Command } from 'commander'
import { askControl } from '../../state/control.ts'
import { stateRoot } from '../../state/locations.ts'
import { readEnrolment } from '../../state/state-directory.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface ResumeOptions {
  readonly state?: string
}

export function addResumeCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('resume')
    .description('lift the halt of a folder: you have looked at what would be deleted, and it is meant')
    .argument('<folder>', "the folder's name, id or directory")
    .option(...STATE_OPTION)
    .action((folder: string, options: ResumeOptions) => run(() => resume(folder, options)))

  async function resume(folder: string, options: ResumeOptions): Promise<ExitCode> {
    const { locations } = await readEnrolment(stateRoot(options.state, terminal.env))
    await askControl(locations.control, { kind: 'resume', folder })
    terminal.print(`${folder} goes on`)
    return EXIT.ok
  }
}
