import { Argument, type Command } from 'commander'
import { stateRoot } from '../../state/locations.ts'
import { bashScript } from '../completion/bash.ts'
import { completionOf } from '../completion/completion-of.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }
type Shell = keyof typeof SCRIPTS

const HELP = `
For the current shell:
  bash  source <(causeway completion bash)
  zsh   source <(causeway completion zsh)      (after "autoload -U compinit; compinit")
  fish  causeway completion fish | source
For every one: the same line in ~/.bashrc or ~/.zshrc, or for fish
  causeway completion fish > ~/.config/fish/completions/causeway.fish`

export function addCompletionCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('completion')
    .description('print a shell completion script for commands, options and folder names')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action((shell: Shell) =>
      run(async () => {
        // As the program is defined: what it can do is what is completed.
        for (const line of SCRIPTS[shell](completionOf(program)).split('\n')) terminal.print(line)
        return EXIT.ok
      }),
    )
  program
    .command('folder-names', { hidden: true })
    .description("print the names of this node's folders, one per line, for the completion scripts")
    .action(() => run(folderNames))

  async function folderNames(): Promise<ExitCode> {
    const { readEnrolment } = await import('../../state/state-directory.ts')
    const { record } = await readEnrolment(stateRoot(undefined, terminal.env))
    for (const { name } of record.folders) terminal.print(name)
    return EXIT.ok
  }
}
