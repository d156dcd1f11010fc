import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { testLifetime } from './hooks.ts'
import type { Lifetime } from './lifetime.ts'
import { environment, freePort, killWithTheRest, REPOSITORY } from './processes.ts'
import { scratchDirectory } from './scratch.ts'

const SCRIPT = join(REPOSITORY, 'scripts/demo.ts')

interface Ports {
  readonly coordinator: number
  readonly dashboard: number
}

export async function freePorts(): Promise<Ports> {
  return { coordinator: await freePort(), dashboard: await freePort() }
}

/** One `npm start`, without npm: on a directory and on ports of its own. */
export class Demo {
  readonly dir: string
  readonly ports: Ports
  readonly ended: Promise<number | null>
  #child: ChildProcess
  #output = ''

  constructor(life: Lifetime, options: { dir: string; ports: Ports; args?: readonly string[] }) {
    this.dir = options.dir
    this.ports = options.ports
    this.#child = spawn(process.execPath, [SCRIPT, '--dir', this.dir, ...(options.args ?? [])], {
      cwd: REPOSITORY,
      env: environment({
        COORDINATOR_HOST: '127.0.0.1',
        COORDINATOR_PORT: String(this.ports.coordinator),
        DASHBOARD_PORT: String(this.ports.dashboard),
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)))
    killWithTheRest(() => this.#child.kill('SIGKILL'))
    life.add(() => this.stop())
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.coordinator}`
  }

  get dashboard(): string {
    return `http://127.0.0.1:${this.ports.dashboard}`
  }

  /** What lets its owner in, once it has started. */
  get token(): string {
    return readFileSync(join(this.dir, 'coordinator/admin.token'), 'utf8').trim()
  }

  /** The links that it has printed which sign a browser in, newest last. */
  get links(): readonly string[] {
    return this.#output.match(/http:\S+\/sign-in#[\w-]{43}/g) ?? []
  }

  /** All that it has printed. */
  get output(): string {
    return this.#output
  }

  /** Resolves once it has printed this, `times` times; rejects with its output if it ends before. */
  async printed(text: string, times = 1): Promise<void> {
    let hasEnded = false
    void this.ended.then(() => (hasEnded = true))
    await eventually(`the demo prints ${JSON.stringify(text)}`, () => {
      if (this.#output.split(text).length > times) return
      if (hasEnded) throw new Error(`it ended:\n${this.#output}`)
      throw new Error(this.#output)
    })
  }

  /** As a power cut of the one process: what it started is not told. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  /** As Ctrl-C. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.ended
  }

  /** The process that works with a node's state. */
  async pidOf(node: string): Promise<number> {
    const lock = await readFile(join(this.dir, 'state', node, 'lock.json'), 'utf8')
    return Number(/"pid":\s*(\d+)/.exec(lock)?.[1])
  }

  coordinatorPid(): number {
    const listed = spawnSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' }).stdout.split('\n')
    const line = listed.find((one) => one.includes(`serve --data ${join(this.dir, 'coordinator')} `))
    const pid = Number(line?.trim().split(' ')[0])
    if (!Number.isInteger(pid)) throw new Error('the coordinator does not run')
    return pid
  }
}

export interface GivenDemo {
  readonly dir: string
  readonly ports: Ports
  /** Starts it with these arguments; it ends with the test. */
  start(args: readonly string[], ports?: Ports): Demo
}

/** A directory that is not there yet, and two free ports, for the demos of a test, or of a longer life. */
export async function givenDemo(life: Lifetime = testLifetime()): Promise<GivenDemo> {
  const dir = join(await scratchDirectory(life, 'causeway-demo'), 'demo')
  const ports = await freePorts()
  return { dir, ports, start: (args, own = ports) => new Demo(life, { dir, ports: own, args }) }
}
