import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import type { Client } from '@causeway/client'
import { shellWord, type KeyRotationView } from '@causeway/protocol'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Run } from '../run.ts'
import { asAdmin, DATA_OPTION } from '../as-admin.ts'
import type { Terminal } from '../terminal.ts'

interface RotateKeyOptions {
  readonly data?: string
  readonly finish?: boolean
  readonly leaveBehind?: boolean
  readonly cancel?: boolean
  readonly json?: boolean
}

export function addRotateKeyCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('rotate-key')
    .description(
      "replace the running coordinator's self-made TLS key: makes the next one and shows which nodes have learned of it; " +
        '--finish puts it into use',
    )
    .option(...DATA_OPTION)
    .option('--finish', 'put the next key into use; refused while a node has not learned of it')
    .option('--leave-behind', 'with --finish: even if some nodes have not; they must join again with a new link')
    .addOption(new Option('--cancel', 'keep the current key').conflicts('finish'))
    .option('--json', 'as JSON')
    .action((options: RotateKeyOptions) => {
      return run(() => asAdmin(terminal, options.data, (client) => rotateKey(client, options)))
    })

  async function rotateKey(client: Client, options: RotateKeyOptions): Promise<ExitCode> {
    const where = options.data === undefined ? '' : ` --data ${shellWord(resolve(terminal.cwd, options.data))}`
    const view = await step(client, options)
    if (options.json === true) terminal.printJson(view)
    else for (const line of describe(view, where)) terminal.print(line)
    return EXIT.ok
  }
}

function step(client: Client, { finish, leaveBehind, cancel }: RotateKeyOptions): Promise<KeyRotationView> {
  if (cancel === true) return client.cancelKeyRotation()
  return finish === true ? client.finishKeyRotation(leaveBehind === true) : client.beginKeyRotation()
}

function describe({ current, next, waitingFor }: KeyRotationView, where: string): string[] {
  if (next === null) return [`The key in use is ${current}. None is being introduced.`]
  const names = waitingFor.map(({ name }) => name).join(', ')
  return [
    `The key in use is ${current}, the next one ${next}.`,
    waitingFor.length === 0
      ? `Every node has learned of it. Put it into use: causeway rotate-key${where} --finish`
      : `Not every node has learned of it yet. Missing: ${names}. A connected node takes a moment, others learn of it when they next connect.`,
  ]
}
