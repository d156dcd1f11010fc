import { Option, type Command } from 'commander'
import type { Client } from '@causeway/client'
import { folderNamed, isSyncError, shellQuoted, shellWord, SyncError, type Access } from '@causeway/protocol'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parsePositive } from '../options.ts'
import type { Run } from '../run.ts'
import { asAdmin, DATA_OPTION } from '../as-admin.ts'
import type { Terminal } from '../terminal.ts'

interface InviteOptions {
  readonly data?: string
  readonly folder?: readonly string[]
  readonly create?: boolean
  readonly access?: Access
  readonly minutes?: number
  readonly url?: string
  readonly json?: boolean
}

export function addInviteCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('invite')
    .description('print a single-use join link for one machine; the coordinator must be running')
    .option(...DATA_OPTION)
    .option(
      '--folder <name>',
      'the folder to share (default: the only one there is); repeat it for one link to several',
      collected,
    )
    .option('--create', 'create those folders that do not exist')
    .addOption(
      new Option('--access <access>', 'what the machine may do').choices(['read-write', 'send-only', 'receive-only']),
    )
    .option('--minutes <count>', 'how long the link is valid', parsePositive)
    .option('--url <url>', 'where that machine reaches the coordinator (default: where it listens)')
    .option('--json', 'as JSON')
    .action((options: InviteOptions) => run(() => asAdmin(terminal, options.data, (client) => invite(client, options))))

  async function invite(
    client: Client,
    { data, json, folder, create, access, minutes, url }: InviteOptions,
  ): Promise<ExitCode> {
    if (create === true && folder === undefined)
      throw new SyncError('bad-request', '--create creates the folder named by --folder: give one')
    const wanted = {
      ...(folder !== undefined && { folders: [...folder] }),
      ...(access !== undefined && { access }),
      ...(minutes !== undefined && { minutes }),
      ...(url !== undefined && { url }),
    }
    if (create === true) await makeFolders(client, folder ?? [])
    const created = await client.invite(wanted).catch((error: unknown) => {
      if (folder === undefined && isSyncError(error, 'bad-request'))
        throw new SyncError('bad-request', `${error.message} Name it: --folder NAME`, { cause: error })
      if (folder === undefined || create === true || !isSyncError(error, 'not-found')) throw error
      const where = data === undefined ? '' : ` --data ${shellWord(data)}`
      const named = folder.map((name) => `--folder ${shellQuoted(name)}`).join(' ')
      const remedy = `Check the spelling, or create it: causeway invite${where} ${named} --create`
      throw new SyncError('not-found', `${error.message} ${remedy}`, { cause: error })
    })
    if (json === true) terminal.printJson(created)
    else terminal.print(created.link)
    return EXIT.ok
  }
}

/** An option that may stand several times. */
function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

async function makeFolders(client: Client, names: readonly string[]): Promise<void> {
  const known = await client.folders()
  for (const name of names.filter((wanted) => folderNamed(known, wanted) === undefined)) {
    await client.createFolder(name).catch((failure: unknown) => {
      // Somebody else made it in the same moment.
      if (!isSyncError(failure, 'already-exists')) throw failure
    })
  }
}
