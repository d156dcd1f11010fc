import type { Command } from 'commander'
import type { HaltChoice } from '../../cycle/cycle-context.ts'
import type { FolderStatus } from '../../runner/folder-status.ts'
import { askControl } from '../../state/control.ts'
import { stateOption, stateRoot } from '../../state/locations.ts'
import { readEnrolment } from '../../state/state-directory.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { resumeLines } from '../halt-lines.ts'
import { STATE_OPTION } from '../options.ts'
import { printable } from '../printing.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface ResumeOptions {
  readonly state?: string
  readonly putBack?: boolean
}

export function addResumeCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('resume')
    .description('resolve a halted folder: let the held-back deletion through, or put the files back')
    .argument('<folder>', "the folder's name, id or directory")
    .option('--put-back', 'put the missing files back instead of letting them go; nothing is deleted anywhere')
    .option(...STATE_OPTION)
    .addHelpText('after', '\n"causeway status" shows what is held back, by directory.')
    .action((folder: string, options: ResumeOptions) => run(() => resume(folder, options)))

  async function resume(folder: string, options: ResumeOptions): Promise<ExitCode> {
    const root = stateRoot(options.state, terminal.env)
    const { locations } = await readEnrolment(root)
    const choice: HaltChoice = options.putBack === true ? 'put-back' : 'let-go'
    // Both ends are this program: the answer has the form that was sent.
    const before = (await askControl(locations.control, { kind: 'resume', folder, choice })) as FolderStatus
    const { halted, name } = before
    if (halted === null) return nothingHeld(before)
    for (const line of resumeLines(name, halted, { choice, stateOption: stateOption(root, terminal.env) }))
      terminal.print(line)
    return EXIT.ok
  }

  function nothingHeld({ name, state, reason }: FolderStatus): ExitCode {
    if (state !== 'halted') {
      terminal.print(`${printable(name)} is not halted: there is nothing to resolve`)
      return EXIT.ok
    }
    // Its directory is not there: no word helps.
    terminal.warn(`causeway: ${printable(name)} is halted and will resume once this is resolved: ${printable(reason)}`)
    return EXIT.person
  }
}
