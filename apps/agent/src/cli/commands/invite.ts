import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { SyncError, isSyncError, type Access } from '@causeway/protocol'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parsePositive } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface InviteOptions {
  readonly data: string
  readonly folder?: string
  readonly access?: Access
  readonly minutes?: number
  readonly json?: boolean
}

export function addInviteCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('invite')
    .description('print a single-use join link for one machine; the coordinator must be running')
    .requiredOption('--data <dir>', "the running coordinator's data directory")
    .option('--folder <name>', 'the folder to share; made if there is none of this name')
    .addOption(
      new Option('--access <access>', 'what the machine may do').choices(['read-write', 'send-only', 'receive-only']),
    )
    .option('--minutes <count>', 'how long the link is good', parsePositive)
    .option('--json', 'as JSON')
    .action((options: InviteOptions) => run(() => invite(options)))

  async function invite({ data, json, folder, access, minutes }: InviteOptions): Promise<ExitCode> {
    const { createClient } = await import('@causeway/client')
    const client = createClient(await runningCoordinator(resolve(terminal.cwd, data)))
    const wanted = {
      ...(folder !== undefined && { folder }),
      ...(access !== undefined && { access }),
      ...(minutes !== undefined && { minutes }),
    }
    const created = await client.invite(wanted).catch(async (error: unknown) => {
      if (folder === undefined || !isSyncError(error, 'not-found')) throw error
      await client.createFolder(folder).catch((failure: unknown) => {
        // Somebody else made it in the same moment.
        if (!isSyncError(failure, 'already-exists')) throw failure
      })
      return client.invite(wanted)
    })
    terminal.print(json === true ? JSON.stringify(created, undefined, 2) : created.link)
    return EXIT.ok
  }
}

/** Where the coordinator of a data directory listens, and the secret that only its owner can read. */
async function runningCoordinator(data: string): Promise<{ url: string; token: string }> {
  const url = await read(join(data, 'coordinator.url'))
  const token = await read(join(data, 'admin.token'))
  if (url === undefined || token === undefined) {
    throw new SyncError('not-found', `no coordinator runs on ${data}: start it with "causeway serve --data ${data}"`)
  }
  return { url: url.trim(), token: token.trim() }
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new SyncError('io-error', `cannot read ${path}: ${error.message}`, { cause: error })
  })
}
