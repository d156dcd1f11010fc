import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Run } from '../run.ts'
import { asAdmin } from '../as-admin.ts'
import type { Terminal } from '../terminal.ts'

interface SignInLinkOptions {
  readonly data: string
  readonly json?: boolean
}

export function addSignInLinkCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('sign-in-link')
    .description(
      'print a link that signs a browser in as the owner of the machine, once, within a day; the coordinator must be running',
    )
    .requiredOption('--data <dir>', "the running coordinator's data directory, on its machine")
    .option('--json', 'as JSON')
    .action(({ data, json }: SignInLinkOptions) => {
      return run(() =>
        asAdmin(terminal, data, async (client) => {
          const made = await client.makeSignInLink()
          if (json === true) terminal.printJson(made)
          else terminal.print(made.link)
          return EXIT.ok
        }),
      )
    })
}
