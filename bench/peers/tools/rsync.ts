import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../tests/support/processes.ts'
import { runToEnd, Spawned, versionOf } from '../../support/spawned.ts'
import type { Endpoint } from '../network/network.ts'
import { listening } from './listening.ts'
import { rootsOf } from './roots.ts'
import type { Tool, ToolOptions } from './tool.ts'

/** `rsync -az` from A to a daemon on B; undefined where there is no rsync. */
export async function rsyncTool({ life, network, scratch }: ToolOptions): Promise<Tool | undefined> {
  const version = versionOf('rsync', ['--version'], /version (\S+)/)
  if (version === undefined) return undefined
  const { rootA, rootB } = await rootsOf(scratch)
  let daemon: Spawned | undefined
  let at: Endpoint | undefined
  return {
    name: 'rsync',
    label: `rsync ${version} -az (deletes: --delete), daemon on B`,
    rootA,
    rootB,
    async start() {
      const port = await freePort()
      const config = join(scratch, 'rsyncd.conf')
      const owner = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : ''
      await writeFile(config, `use chroot = no\n${owner}[root]\npath = ${rootB}\nread only = no\n`)
      const listen = [`--address=${network.address('b')}`, `--port=${port}`]
      const command = ['rsync', '--daemon', '--no-detach', ...listen, `--config=${config}`]
      const started = new Spawned('the rsync daemon', network.command('b', [...command, '--log-file=/dev/null']))
      life.add(() => started.stop())
      daemon = started
      await listening(network, 'b', port, started)
      at = await network.route('a', 'b', port)
    },
    async carry({ deletes }) {
      const url = `rsync://${at?.host}:${at?.port}/root/`
      const command = ['rsync', '-az', ...(deletes ? ['--delete'] : []), `${rootA}/`, url]
      await runToEnd('rsync', network.command('a', command))
    },
    settle: async () => undefined,
    processes: () => ({ daemon: daemon?.pid }),
  }
}
