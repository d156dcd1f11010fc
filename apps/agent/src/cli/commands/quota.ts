import type { Command } from 'commander'
import type { Client } from '@causeway/client'
import { parseSize, SyncError, type FolderView, type NodeView } from '@causeway/protocol'
import { asAdmin, DATA_OPTION } from '../as-admin.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes } from '../format.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface QuotaOptions {
  readonly node?: string
  readonly data?: string
  readonly json?: boolean
}

export function addQuotaCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('quota')
    .description(
      'show or set how much a folder may hold (its files as they are now; history does not count), or a node may send a day',
    )
    .usage('<folder> [size]  or  causeway quota --node <node> [size]')
    .argument('[folder]', "the folder's id or name; left out with --node")
    .argument('[size]', 'the limit, in bytes or like 500M or 20G; off for none')
    .option('--node <node>', 'its id or name: what it may send within 24 hours, over all folders')
    .option(...DATA_OPTION)
    .option('--json', 'as JSON')
    .action((first: string | undefined, second: string | undefined, options: QuotaOptions) => {
      return run(async () => {
        const meant = meantBy(first, second, options)
        return asAdmin(terminal, options.data, (client) => quota(client, meant))
      })
    })

  async function quota(client: Client, { kind, name, size, isJson }: Meant): Promise<ExitCode> {
    const limit = size === undefined ? undefined : limitIn(size)
    const { json, words } = await (kind === 'node' ? nodeQuota : folderQuota)(client, name, limit)
    if (isJson) terminal.printJson(json)
    else terminal.print(words)
    return EXIT.ok
  }
}

interface Meant {
  readonly kind: 'folder' | 'node'
  readonly name: string
  readonly size: string | undefined
  readonly isJson: boolean
}

function meantBy(first: string | undefined, second: string | undefined, { node, json }: QuotaOptions): Meant {
  const isJson = json === true
  if (node === undefined) {
    if (first === undefined)
      throw new SyncError('bad-request', 'whose limit? Name a folder, or a node: causeway quota --node NODE')
    return { kind: 'folder', name: first, size: second, isJson }
  }
  if (second !== undefined)
    throw new SyncError('bad-request', `with --node no folder is named: causeway quota --node ${node} ${second}`)
  return { kind: 'node', name: node, size: first, isJson }
}

interface Shown {
  readonly json: object
  readonly words: string
}

/** Undefined leaves a limit as it is, null takes it away. */
type Limit = number | null | undefined

async function folderQuota(client: Client, name: string, limit: Limit): Promise<Shown> {
  const folder = await folderMeant(client, name)
  const view = limit === undefined ? folder : await client.changeFolder(folder.id, { settings: { quotaBytes: limit } })
  return {
    json: { folder: view.id, quotaBytes: view.settings.quotaBytes, bytes: view.counts.bytes },
    words: folderWords(view),
  }
}

async function nodeQuota(client: Client, name: string, limit: Limit): Promise<Shown> {
  const node = await nodeMeant(client, name)
  const {
    id,
    dailyBytes = null,
    sentBytes,
    ...view
  } = limit === undefined ? node : await client.limitNode(node.id, limit)
  return {
    json: { node: id, dailyBytes, ...(sentBytes !== undefined && { sentBytes }) },
    words: nodeWords(view.name, dailyBytes, sentBytes ?? 0),
  }
}

async function nodeMeant(client: Client, text: string): Promise<NodeView> {
  const nodes = await client.nodes()
  const named = nodes.filter(({ name }) => name === text)
  const found = nodes.find(({ id }) => id === text) ?? (named.length === 1 ? named[0] : undefined)
  if (found !== undefined) return found
  if (named.length > 1)
    throw new SyncError('bad-request', `several nodes are called ${text}; name one by its id: ${ids(named)}`)
  throw new SyncError('not-found', `there is no node ${text} at this coordinator; there are: ${ids(nodes) || 'none'}`)
}

function ids(nodes: readonly NodeView[]): string {
  return nodes.map(({ id, name }) => (name === id ? id : `${name} (${id})`)).join(', ')
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

function folderWords({ name, settings: { quotaBytes }, counts }: FolderView): string {
  const holds = `${name} holds ${bytes(counts.bytes)}`
  if (quotaBytes === null) return `${holds}; it has no limit`
  const rest = quotaBytes - counts.bytes
  return rest < 0
    ? `${holds} and may hold ${bytes(quotaBytes)}: ${bytes(-rest)} too many. Nothing is removed; nothing larger is taken`
    : `${holds} and may hold ${bytes(quotaBytes)}: ${bytes(rest)} are left`
}

function nodeWords(name: string, dailyBytes: number | null, sentBytes: number): string {
  if (dailyBytes === null) return `${name} may send as much as it likes`
  const sent = `${name} may send ${bytes(dailyBytes)} a day and sent ${bytes(sentBytes)} in the last 24 hours`
  return sentBytes < dailyBytes ? `${sent}: ${bytes(dailyBytes - sentBytes)} are left` : `${sent}: nothing is left`
}
