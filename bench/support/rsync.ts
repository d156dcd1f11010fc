import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { freePort, killWithTheRest } from '../../tests/support/processes.ts'
import { samplePeak } from './memory.ts'
import { CountingProxy, type WireBytes } from './proxy.ts'

/** The version of the rsync on PATH; undefined if there is none. */
export function rsyncVersion(): string | undefined {
  const { status, stdout } = spawnSync('rsync', ['--version'], { encoding: 'utf8' })
  return status === 0 ? /version (\S+)/.exec(stdout)?.[1] : undefined
}

export const NO_RSYNC = 'rsync is not on PATH: not measured. On Debian: apt-get install rsync'

export interface RsyncRun {
  readonly seconds: number
  readonly wire: WireBytes
  /** Of the largest process that took part: client or daemon. */
  readonly peakBytes: number
}

/** An rsync daemon on loopback with one module, reached through a counting proxy. */
export class RsyncDaemon {
  readonly moduleDir: string
  #daemon: ChildProcess
  #proxy: CountingProxy
  #client: ChildProcess | undefined

  private constructor(moduleDir: string, daemon: ChildProcess, proxy: CountingProxy) {
    this.moduleDir = moduleDir
    this.#daemon = daemon
    this.#proxy = proxy
  }

  static async start(life: Lifetime, scratch: string): Promise<RsyncDaemon> {
    const moduleDir = join(scratch, 'rsync-module')
    await mkdir(moduleDir, { recursive: true })
    const port = await freePort()
    const config = join(scratch, 'rsyncd.conf')
    const owner = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : ''
    await writeFile(config, `use chroot = no\n${owner}[module]\npath = ${moduleDir}\nread only = no\n`)
    const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`, `--config=${config}`]
    const daemon = spawn('rsync', [...args, `--log-file=${join(scratch, 'rsyncd.log')}`], { stdio: 'ignore' })
    life.add(() => void daemon.kill())
    killWithTheRest(() => daemon.kill())
    await listening(port)
    const proxy = await CountingProxy.start(port)
    life.add(() => proxy.stop())
    return new RsyncDaemon(moduleDir, daemon, proxy)
  }

  /** `rsync -az DIR/ daemon` */
  up(from: string): Promise<RsyncRun> {
    return this.#run(`${from}/`, this.#url)
  }

  /** `rsync -az daemon DIR/` */
  down(to: string): Promise<RsyncRun> {
    return this.#run(this.#url, `${to}/`)
  }

  /** Without sampling memory: for runs so short that the sampler would be part of the figure. */
  async quick(from: string, to: string): Promise<number> {
    const started = performance.now()
    await this.#spawn([`${from}/`, this.#url])
    await this.#spawn([this.#url, `${to}/`])
    return performance.now() - started
  }

  resetWire(): void {
    this.#proxy.reset()
  }

  get wire(): WireBytes {
    return this.#proxy.bytes
  }

  get #url(): string {
    return `rsync://127.0.0.1:${this.#proxy.port}/module/`
  }

  async #run(from: string, to: string): Promise<RsyncRun> {
    this.#proxy.reset()
    const pids = () => [this.#daemon.pid, this.#client?.pid].filter((pid) => pid !== undefined)
    const { value: seconds, peakBytes } = await samplePeak('rsync', pids, async () => {
      const started = performance.now()
      await this.#spawn([from, to])
      return (performance.now() - started) / 1000
    })
    return { seconds, wire: this.#proxy.bytes, peakBytes }
  }

  async #spawn(paths: readonly string[]): Promise<void> {
    const client = spawn('rsync', ['-az', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#client = client
    let stderr = ''
    client.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const code = await new Promise<number | null>((resolve, reject) => {
      client.once('error', reject)
      client.once('close', resolve)
    })
    if (code !== 0) throw new Error(`rsync -az ${paths.join(' ')} ended with ${code}: ${stderr}`)
  }
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await sleep(25)
  }
  throw new Error(`the rsync daemon does not listen on port ${port}`)
}
