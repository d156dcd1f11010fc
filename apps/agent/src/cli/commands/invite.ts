import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { isSyncError, shellQuoted, shellWord, SyncError, type Access } from '@causeway/protocol'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parsePositive } from '../options.ts'
import type { Run } from '../run.ts'
import { asOwner, runningCoordinator } from '../running-coordinator.ts'
import type { Terminal } from '../terminal.ts'

interface InviteOptions {
  readonly data: string
  readonly folder?: string
  readonly create?: boolean
  readonly access?: Access
  readonly minutes?: number
  readonly json?: boolean
}

export function addInviteCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('invite')
    .description('print a single-use join link for one machine; the coordinator must be running')
    .requiredOption('--data <dir>', "the running coordinator's data directory")
    .option('--folder <name>', 'the folder to share (default: the only one there is)')
    .option('--create', 'create the folder if it does not exist')
    .addOption(
      new Option('--access <access>', 'what the machine may do').choices(['read-write', 'send-only', 'receive-only']),
    )
    .option('--minutes <count>', 'how long the link is valid', parsePositive)
    .option('--json', 'as JSON')
    .action((options: InviteOptions) => {
      return run(() => asOwner(resolve(terminal.cwd, options.data), () => invite(options)))
    })

  async function invite({ data, json, folder, create, access, minutes }: InviteOptions): Promise<ExitCode> {
    if (create === true && folder === undefined)
      throw new SyncError('bad-request', '--create creates the folder named by --folder: give one')
    const { createClient } = await import('@causeway/client')
    const client = createClient(await runningCoordinator(resolve(terminal.cwd, data)))
    const wanted = {
      ...(folder !== undefined && { folder }),
      ...(access !== undefined && { access }),
      ...(minutes !== undefined && { minutes }),
    }
    const created = await client.invite(wanted).catch(async (error: unknown) => {
      if (folder === undefined && isSyncError(error, 'bad-request'))
        throw new SyncError('bad-request', `${error.message} Name it: --folder NAME`, { cause: error })
      if (folder === undefined || !isSyncError(error, 'not-found')) throw error
      if (create !== true) {
        const remedy = `Check the spelling, or create it: causeway invite --data ${shellWord(data)} --folder ${shellQuoted(folder)} --create`
        throw new SyncError('not-found', `${error.message} ${remedy}`, { cause: error })
      }
      await client.createFolder(folder).catch((failure: unknown) => {
        // Somebody else made it in the same moment.
        if (!isSyncError(failure, 'already-exists')) throw failure
      })
      return client.invite(wanted)
    })
    if (json === true) terminal.printJson(created)
    else terminal.print(created.link)
    return EXIT.ok
  }
}
