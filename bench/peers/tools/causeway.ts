import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../../tests/support/eventually.ts'
import { freePort, REPOSITORY } from '../../../tests/support/processes.ts'
import { runToEnd, Spawned } from '../../support/spawned.ts'
import type { HostName, Network } from '../network/network.ts'
import { rootsOf } from './roots.ts'
import { FOLDERS, type Tool, type ToolOptions } from './tool.ts'

const CAUSEWAY = join(REPOSITORY, 'bin/causeway')
/** Told to the product by the environment: nothing of the caller's may steer what is measured. */
const PLAIN = { NODE_OPTIONS: '', LOG_LEVEL: 'warn' }

/** A coordinator on C and a node each on A and on B, which share a folder for each of `FOLDERS`. */
export async function causewayTool({ life, network, scratch }: ToolOptions): Promise<Tool> {
  const { rootA, rootB } = await rootsOf(scratch)
  const dataDir = join(scratch, 'coordinator')
  const state = (host: HostName): string => join(scratch, `state-${host}`)
  const daemons: Partial<Record<HostName, Spawned>> = {}

  async function cli(host: HostName, ...args: string[]): Promise<string> {
    return runToEnd(`causeway ${args[0]}`, network.command(host, [CAUSEWAY, ...args]), { env: PLAIN })
  }
  function daemon(host: HostName, ...args: string[]): Spawned {
    const started = new Spawned(`causeway on ${host}`, network.command(host, [CAUSEWAY, ...args]), { env: PLAIN })
    life.add(() => started.stop())
    daemons[host] = started
    return started
  }
  async function enrol(host: 'a' | 'b', root: string, port: number): Promise<void> {
    const at = await network.route(host, 'c', port)
    for (const folder of FOLDERS) {
      const printed = await cli('c', 'invite', '--data', dataDir, '--folder', folder, '--create')
      const link = /causeway:\/\/\S+/.exec(printed)?.[0].replace(/\/\/[^/]+\//, `//${at.host}:${at.port}/`)
      if (link === undefined) throw new Error(`causeway invite printed no link: ${printed}`)
      // One process at a time has a node's state: the next takes up what the last one joined.
      await daemons[host]?.stop()
      const named = ['--name', `node-${host}`, '--state', state(host)]
      await daemon(host, 'join', link, join(root, folder), ...named).printed(/joined /)
    }
  }
  async function settle(): Promise<void> {
    const waiting = (['a', 'b'] as const).map((host) => cli(host, 'wait', '--state', state(host), '--timeout', '300'))
    await Promise.all(waiting)
  }
  return {
    name: 'causeway',
    label: 'Causeway: coordinator on C, nodes on A and B',
    rootA,
    rootB,
    async start() {
      const port = await freePort()
      // As the others are measured: without TLS.
      const plain = ['--host', network.address('c'), '--insecure-http']
      const address = [...plain, '--port', String(port), '--dashboard-port', '0']
      await daemon('c', 'serve', '--data', dataDir, ...address).printed(/ready\s+https?:\/\/\S+/)
      await enrol('a', rootA, port)
      await enrol('b', rootB, port)
      await eventually('both nodes have caught up', settle, { timeoutMs: 90_000, everyMs: 200 })
      await liftBrakes(network, dataDir, { host: network.address('c'), port })
    },
    settle,
    async approve() {
      const asked = network.command('a', [CAUSEWAY, 'status', '--state', state('a'), '--json'])
      // It ends with 4 where a person is needed.
      const status = await runToEnd('causeway status', asked, { env: PLAIN, codes: [0, 4] })
      if (!/"state":\s*"halted"/.test(status)) return false
      for (const folder of FOLDERS) await cli('a', 'resume', folder, '--state', state('a')).catch(() => undefined)
      return true
    },
    processes: () => ({ coordinator: daemons.c?.pid, A: daemons.a?.pid, B: daemons.b?.pid }),
  }
}

/** Large deletes are part of the table: no share of a folder waits for a person. */
async function liftBrakes(network: Network, dataDir: string, at: { host: string; port: number }): Promise<void> {
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const script = `
    const [url, token] = process.argv.slice(1)
    const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' }
    const folders = await (await fetch(url, { headers })).json()
    for (const { id } of folders) {
      const body = JSON.stringify({ settings: { deleteBrakeShare: 1 } })
      const answer = await fetch(url + '/' + id, { method: 'PATCH', headers, body })
      if (!answer.ok) throw new Error(await answer.text())
    }`
  const url = `http://${at.host}:${at.port}/api/v1/folders`
  const command = [process.execPath, '--input-type=module', '-e', script, url, token]
  await runToEnd('the change of the folder settings', network.command('c', command))
}
