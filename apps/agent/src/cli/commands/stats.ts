import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Client } from '@causeway/client'
import {
  addSavings,
  NO_SAVINGS,
  savingsVerdict,
  type Author,
  type FolderId,
  type Savings,
  type Transfer,
} from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes, plural, table } from '../format.ts'
import { nodeNames, type NodeNames } from '../node-names.ts'
import { parsePositive, STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import { asOwner, runningCoordinator } from '../running-coordinator.ts'
import type { Terminal } from '../terminal.ts'

const HOUR_MS = 3_600_000

interface StatsOptions {
  readonly state?: string
  readonly data?: string
  readonly hours?: number
  readonly largest: number
  readonly json?: boolean
}

interface Stats {
  readonly up: Savings
  readonly down: Savings
  readonly largest: readonly Transfer[]
  readonly authors: readonly Author[]
}

export function addStatsCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('stats')
    .description('show what crossed the wire and what was saved, as measured by the coordinator')
    .option(...STATE_OPTION)
    .option('--data <dir>', "a running coordinator's data directory: all its folders, not only this node's")
    .option('--hours <count>', 'only the last COUNT hours', parsePositive)
    .option('--largest <count>', 'how many of the largest savings to list', parsePositive, 5)
    .option('--json', 'as JSON')
    .action((options: StatsOptions) => run(() => stats(options)))

  async function stats(options: StatsOptions): Promise<ExitCode> {
    const { authors, ...found } = await gather(options)
    if (options.json === true) terminal.printJson(found)
    else for (const line of describe(found, nodeNames(authors))) terminal.print(line)
    return EXIT.ok
  }

  async function gather({ hours, ...options }: StatsOptions): Promise<Stats> {
    const since = hours === undefined ? undefined : new Date(terminal.wallNow() - (hours - 1) * HOUR_MS).toISOString()
    const what = { since, largest: options.largest }
    if (options.data !== undefined) {
      const data = resolve(terminal.cwd, options.data)
      return asOwner(data, async () => {
        const { createClient } = await import('@causeway/client')
        const client = createClient(await runningCoordinator(data))
        const authors = (await client.nodes()).map(({ id, name }) => ({ node: id, name }))
        return { ...(await statsOf(client, [undefined], what)), authors }
      })
    }
    const { asNode } = await import('../as-node.ts')
    return asNode(stateRoot(options.state, terminal.env), async (client, record) => {
      const folders = record.folders.map(({ folder }) => folder)
      const authors = await Promise.all(folders.map((folder) => client.authors(folder)))
      return { ...(await statsOf(client, folders, what)), authors: authors.flat() }
    })
  }
}

async function statsOf(
  client: Client,
  folders: readonly (FolderId | undefined)[],
  { since, largest: limit }: { readonly since: string | undefined; readonly largest: number },
): Promise<Omit<Stats, 'authors'>> {
  let up: Savings = NO_SAVINGS
  let down: Savings = NO_SAVINGS
  const largest: Transfer[] = []
  for (const folder of folders) {
    const sums = await client.savings(folder, { since })
    up = addSavings(up, sums.up)
    down = addSavings(down, sums.down)
    largest.push(...(await client.transfers(folder, { order: 'most-saved', limit: Math.min(limit, 1000) })).transfers)
  }
  largest.sort((a, b) => savedOf(b) - savedOf(a))
  return { up, down, largest: largest.slice(0, limit) }
}

function describe({ up, down, largest }: Omit<Stats, 'authors'>, nameOf: NodeNames): string[] {
  const total = addSavings(up, down)
  const savings = largest.filter((transfer) => savedOf(transfer) > 0)
  if (total.files === 0) return ['Nothing has crossed the wire yet.']
  return [
    `${plural(total.files, 'file')} of ${bytes(total.logicalBytes)} crossed as ${bytes(total.wireBytes)}: ${saved(total)}`,
    '',
    ...table([HEAD, row('to the coordinator', up), row('to the nodes', down), row('both', total)]),
    '',
    `Sending each changed file whole would have taken ${bytes(total.wholeFileBytes)}.`,
    ...(savings.length === 0
      ? []
      : ['', 'Largest savings', ...table(savings.map((transfer) => transferRow(transfer, nameOf)))]),
  ]
}

const HEAD = ['', 'FILES', 'HELD', 'ON THE WIRE', 'REUSED', 'FROM NODES', 'BY DELTA', 'COMPRESSED', 'AS IT IS']

function row(name: string, s: Savings): string[] {
  const delta = s.deltaBytes === 0 ? '-' : `${bytes(s.deltaBytes)} as ${bytes(s.deltaWireBytes)}`
  const packed = s.packedBytes === 0 ? '-' : `${bytes(s.packedBytes)} as ${bytes(s.packedWireBytes)}`
  const sums = [String(s.files), bytes(s.logicalBytes), bytes(s.wireBytes), bytes(s.reusedBytes), bytes(s.peerBytes)]
  return [name, ...sums, delta, packed, bytes(s.plainBytes)]
}

function transferRow(transfer: Transfer, nameOf: NodeNames): string[] {
  const what = transfer.path ?? plural(transfer.files, 'small file')
  const way = transfer.direction === 'up' ? 'from' : 'to'
  return [
    '',
    what,
    `${way} ${nameOf(transfer.node)}`,
    `${bytes(transfer.logicalBytes)} as ${bytes(transfer.wireBytes)}`,
  ]
}

function saved({ logicalBytes, wireBytes }: Savings): string {
  const verdict = savingsVerdict(logicalBytes, wireBytes)
  if (verdict.kind === 'too-little') return 'too little to tell what was saved'
  if (verdict.kind === 'more') return `${bytes(verdict.bytes)} of that for messages, beside the files`
  return verdict.bytes === 0 ? 'nothing saved' : `${((verdict.bytes / logicalBytes) * 100).toFixed(1)} % saved`
}

function savedOf({ wholeFileBytes, wireBytes }: Savings): number {
  return wholeFileBytes - wireBytes
}
