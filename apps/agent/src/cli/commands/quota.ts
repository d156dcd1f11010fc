import type { Command } from 'commander'
import type { Client } from '@causeway/client'
import { parseSize, SyncError, type FolderView } from '@causeway/protocol'
import { asAdmin, DATA_OPTION } from '../as-admin.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes } from '../format.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface QuotaOptions {
  readonly data?: string
  readonly json?: boolean
}

export function addQuotaCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('quota')
    .description('show or set how much a folder may hold (its files as they are now; history does not count)')
    .argument('<folder>', 'its id or name')
    .argument('[size]', 'the limit, in bytes or like 500M or 20G; off for none')
    .option(...DATA_OPTION)
    .option('--json', 'as JSON')
    .action((folder: string, size: string | undefined, options: QuotaOptions) => {
      return run(() => asAdmin(terminal, options.data, (client) => quota(client, { folder, size, options })))
    })

  async function quota(
    client: Client,
    { folder: meant, size, options }: { folder: string; size: string | undefined; options: QuotaOptions },
  ): Promise<ExitCode> {
    const limit = size === undefined ? undefined : limitIn(size)
    const folder = await folderMeant(client, meant)
    const view =
      limit === undefined ? folder : await client.changeFolder(folder.id, { settings: { quotaBytes: limit } })
    if (options.json === true)
      terminal.printJson({ folder: view.id, quotaBytes: view.settings.quotaBytes, bytes: view.counts.bytes })
    else terminal.print(inWords(view))
    return EXIT.ok
  }
}

async function folderMeant(client: Client, text: string): Promise<FolderView> {
  const folders = await client.folders()
  const found = folders.find(({ id }) => id === text) ?? folders.find(({ name }) => name === text)
  if (found !== undefined) return found
  const names = folders.map(({ id }) => id).join(', ')
  throw new SyncError('not-found', `there is no folder ${text} at this coordinator; there are: ${names || 'none'}`)
}

/** Null for no limit. */
function limitIn(text: string): number | null {
  if (text === 'off') return null
  const limit = parseSize(text)
  if (limit === undefined)
    throw new SyncError(
      'bad-request',
      `the limit ${JSON.stringify(text)} must be a number of bytes, or like 500M or 20G, or off`,
    )
  return limit
}

function inWords({ name, settings: { quotaBytes }, counts }: FolderView): string {
  const holds = `${name} holds ${bytes(counts.bytes)}`
  if (quotaBytes === null) return `${holds}; it has no limit`
  const rest = quotaBytes - counts.bytes
  return rest < 0
    ? `${holds} and may hold ${bytes(quotaBytes)}: ${bytes(-rest)} too many. Nothing is removed; nothing larger is taken`
    : `${holds} and may hold ${bytes(quotaBytes)}: ${bytes(rest)} are left`
}
