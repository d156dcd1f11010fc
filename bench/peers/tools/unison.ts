import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../tests/support/processes.ts'
import { runToEnd, Spawned, versionOf } from '../../support/spawned.ts'
import type { Endpoint } from '../network/network.ts'
import { listening } from './listening.ts'
import { rootsOf } from './roots.ts'
import type { Tool, ToolOptions } from './tool.ts'

/** Exit code 1: some files were skipped. What was not done is found when the roots are compared. */
const DONE = [0, 1]

/** A batch run of Unison on A against a socket server on B; undefined where there is no Unison. */
export async function unisonTool({ life, network, scratch }: ToolOptions): Promise<Tool | undefined> {
  const version = versionOf('unison', ['-version'], /version (\S+)/)
  if (version === undefined) return undefined
  const { rootA, rootB } = await rootsOf(scratch)
  const archive = async (host: 'a' | 'b'): Promise<NodeJS.ProcessEnv> => {
    const path = join(scratch, `archive-${host}`)
    await mkdir(path, { recursive: true })
    return { UNISON: path, HOME: path, UNISONLOCALHOSTNAME: `host-${host}` }
  }
  let server: Spawned | undefined
  let at: Endpoint | undefined
  async function carry(): Promise<void> {
    const remote = `socket://${at?.host}:${at?.port}/${rootB}`
    const answers = ['-batch', '-auto', '-times', '-confirmbigdel=false', '-terse', '-log=false', '-dumbtty']
    const command = network.command('a', ['unison', rootA, remote, '-ui', 'text', ...answers])
    await runToEnd('unison', command, { env: await archive('a'), codes: DONE })
  }
  return {
    name: 'unison',
    label: `Unison ${version} -batch -times, socket server on B`,
    rootA,
    rootB,
    async start() {
      const port = await freePort()
      const command = ['unison', '-socket', String(port), '-listen', network.address('b')]
      const env = await archive('b')
      const started = new Spawned('the Unison server', network.command('b', command), { env })
      life.add(() => started.stop())
      server = started
      await listening(network, 'b', port, started)
      at = await network.route('a', 'b', port)
      // Its archives are made by the first run.
      await carry()
    },
    carry,
    settle: async () => undefined,
    processes: () => ({ server: server?.pid }),
  }
}
