import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../../tests/support/eventually.ts'
import { freePort } from '../../../tests/support/processes.ts'
import { runToEnd, Spawned, versionOf } from '../../support/spawned.ts'
import { rootsOf } from './roots.ts'
import { FOLDER_ID, syncthingConfig } from './syncthing-config.ts'
import type { Tool, ToolOptions } from './tool.ts'
import { callUnix } from './unix-http.ts'

const KEY = 'bench-api-key'
/** The shortest delay that it takes: older versions know whole seconds alone, and at 0 do not watch at all. */
const DELAYS_SECONDS = [0.01, 1] as const

/** Two Syncthing instances that know each other alone; undefined where there is no Syncthing. */
export async function syncthingTool({ life, network, scratch }: ToolOptions): Promise<Tool | undefined> {
  const version = versionOf('syncthing', ['--version'], /v(\d\S+)/)
  if (version === undefined) return undefined
  const { rootA, rootB } = await rootsOf(scratch)
  const home = (host: 'a' | 'b'): string => join(scratch, `home-${host}`)
  const socket = (host: 'a' | 'b'): string => join(scratch, `${host}.sock`)
  const daemons: { a?: Spawned; b?: Spawned } = {}
  const delaySeconds = takesFractions(version) ? DELAYS_SECONDS[0] : DELAYS_SECONDS[1]

  async function call(host: 'a' | 'b', method: string, path: string, body?: unknown): Promise<unknown> {
    return callUnix(socket(host), { method, path, key: KEY, ...(body !== undefined && { body }) })
  }
  async function deviceId(host: 'a' | 'b'): Promise<string> {
    await mkdir(home(host), { recursive: true })
    const env = { HOME: home(host) }
    const generate = ['syncthing', 'generate', `--home=${home(host)}`, '--no-default-folder', '--skip-port-probing']
    await runToEnd('syncthing generate', generate, { env })
    const printed = await runToEnd('syncthing --device-id', ['syncthing', '--device-id', `--home=${home(host)}`], {
      env,
    })
    const id = /[A-Z2-7]{7}(?:-[A-Z2-7]{7}){7}/.exec(printed)?.[0]
    if (id === undefined) throw new Error(`syncthing told no device id: ${printed}`)
    return id
  }
  async function up(host: 'a' | 'b', config: string): Promise<void> {
    await writeFile(join(home(host), 'config.xml'), config)
    const serve = ['syncthing', 'serve', `--home=${home(host)}`, '--no-browser', '--no-restart', '--no-upgrade']
    const started = new Spawned(`syncthing on ${host}`, network.command(host, serve), {
      env: { HOME: home(host), STMONITORED: 'yes' },
    })
    life.add(() => started.stop())
    daemons[host] = started
    await eventually(
      `syncthing on ${host} answers`,
      () => {
        if (!started.isRunning) throw new Error(started.output)
        return call(host, 'GET', '/rest/system/ping')
      },
      {
        timeoutMs: 30_000,
      },
    )
  }
  /** Idle on both hosts, with the same index, several times in a row. */
  async function settle(): Promise<void> {
    let calm = 0
    const deadline = Date.now() + 300_000
    while (calm < 3) {
      if (Date.now() > deadline) throw new Error('syncthing did not settle within 300 s')
      const [a, b] = await Promise.all((['a', 'b'] as const).map((host) => folderStatus(call, host)))
      const same = ['globalBytes', 'globalTotalItems'].every((field) => a?.[field] === b?.[field])
      calm = same && isDone(a) && isDone(b) ? calm + 1 : 0
      await sleep(250)
    }
  }
  return {
    name: 'syncthing',
    label: `Syncthing ${version}, watcher delay ${delaySeconds} s${delaySeconds < 1 ? '' : ' (the shortest that it takes)'}`,
    rootA,
    rootB,
    async start() {
      for (const root of [rootA, rootB]) await mkdir(join(root, '.stfolder'), { recursive: true })
      const [idA, idB, portA, portB] = [await deviceId('a'), await deviceId('b'), await freePort(), await freePort()]
      const common = { key: KEY, delaySeconds }
      const listen = (host: 'a' | 'b', port: number): string => `tcp://${network.address(host)}:${port}`
      const self = (host: 'a' | 'b', port: number) => ({ socket: socket(host), listen: listen(host, port), ...common })
      await up(
        'b',
        syncthingConfig({ ...self('b', portB), id: idB, root: rootB, other: { id: idA, address: undefined } }),
      )
      const at = await network.route('a', 'b', portB)
      const other = { id: idB, address: `tcp://${at.host}:${at.port}` }
      await up('a', syncthingConfig({ ...self('a', portA), id: idA, root: rootA, other }))
      await eventually('the two are connected', async () => {
        const connections = JSON.stringify(await call('a', 'GET', '/rest/system/connections'))
        if (!connections.includes('"connected":true')) throw new Error(connections)
      })
      await settle()
    },
    settle,
    async setDelay(seconds) {
      for (const host of ['a', 'b'] as const) {
        await call(host, 'PATCH', `/rest/config/folders/${FOLDER_ID}`, { fsWatcherDelayS: seconds })
      }
      await sleep(2000)
      await settle()
    },
    processes: () => ({ A: daemons.a?.pid, B: daemons.b?.pid }),
  }
}

/** Delays are floating-point numbers from 1.20 on. */
function takesFractions(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 1 || (major === 1 && minor >= 20)
}

type FolderStatus = Readonly<Partial<Record<string, unknown>>>

async function folderStatus(
  call: (host: 'a' | 'b', method: string, path: string) => Promise<unknown>,
  host: 'a' | 'b',
): Promise<FolderStatus> {
  const status = await call(host, 'GET', `/rest/db/status?folder=${FOLDER_ID}`)
  return typeof status === 'object' && status !== null ? { ...status } : {}
}

function isDone(status: FolderStatus | undefined): boolean {
  return status?.['state'] === 'idle' && status['needTotalItems'] === 0
}
