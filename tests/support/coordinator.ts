import { cp, rm } from 'node:fs/promises'
import type { Lifetime } from './lifetime.ts'
import { causeway, freePort, startCauseway, type CausewayProcess, type ProcessOptions } from './processes.ts'

export interface CoordinatorOptions {
  readonly dataDir: string
  readonly port?: number
  readonly env?: NodeJS.ProcessEnv
  /** People have to sign in; without it they need not. */
  readonly signIn?: boolean
  /** A program that runs it. */
  readonly through?: readonly string[]
  /** Arguments of every start that turn TLS on. */
  readonly tls?: readonly string[]
}

type StartOptions = Pick<ProcessOptions, 'env' | 'through'> & { readonly more?: readonly string[] }

/** A coordinator process on loopback. It can be killed and comes back on the same port. */
export class Coordinator {
  readonly dataDir: string
  readonly port: number
  readonly url: string
  #life: Lifetime
  #env: NodeJS.ProcessEnv
  #dashboardPort: number
  #signIn: boolean
  #tls: readonly string[]
  #process: CausewayProcess | undefined

  constructor(
    life: Lifetime,
    options: Required<Omit<CoordinatorOptions, 'through'>> & { readonly dashboardPort: number },
  ) {
    this.#life = life
    this.dataDir = options.dataDir
    this.port = options.port
    this.url = `${options.tls.length > 0 ? 'https' : 'http'}://127.0.0.1:${options.port}`
    this.#env = options.env
    this.#dashboardPort = options.dashboardPort
    this.#signIn = options.signIn
    this.#tls = options.tls
  }

  get process(): CausewayProcess {
    if (this.#process === undefined) throw new Error('the coordinator was not started')
    return this.#process
  }

  /** Starts it (again), perhaps with further arguments, and waits for its `ready URL` line. */
  async start({ env = {}, through = [], more = [] }: StartOptions = {}): Promise<void> {
    if (this.#process?.isRunning === true) throw new Error('the coordinator is running')
    const ports = ['--port', String(this.port), '--dashboard-port', String(this.#dashboardPort)]
    const open = this.#signIn ? [] : ['--no-auth']
    const args = ['serve', '--data', this.dataDir, '--host', '127.0.0.1', ...ports, ...open, ...this.#tls, ...more]
    this.#process = startCauseway(this.#life, 'coordinator', args, { env: { ...this.#env, ...env }, through })
    await this.#process.printed(/ready\s+(https?:\/\/\S+)/)
  }

  /** As a power cut of the process: nothing is flushed. */
  async kill9(): Promise<void> {
    await this.process.kill9()
  }

  async stop(): Promise<void> {
    await this.process.stop()
  }

  /**
   * Runs `work` while the coordinator hears nobody: what nodes do meanwhile is
   * concurrent. It is paused, not ended: no one has to connect again.
   */
  async whilePaused(work: () => Promise<void>): Promise<void> {
    this.process.killGroup('SIGSTOP')
    try {
      await work()
    } finally {
      this.process.killGroup('SIGCONT')
    }
  }

  /** A single-use link that lets a node join; with `throughPort` by way of a proxy on this machine. */
  async invite(options: { folder?: string; access?: string; throughPort?: number } = {}): Promise<string> {
    const folder = options.folder === undefined ? [] : ['--folder', options.folder, '--create']
    const access = options.access === undefined ? [] : ['--access', options.access]
    const printed = await causeway(['invite', '--data', this.dataDir, ...folder, ...access])
    const link = printed.split(/\s+/).find((word) => word.includes('://'))
    if (link === undefined) throw new Error(`causeway invite printed no link: ${JSON.stringify(printed)}`)
    const { throughPort = this.port } = options
    return link.replaceAll(`127.0.0.1:${this.port}`, `127.0.0.1:${throughPort}`)
  }

  /** Copies the data directory of a stopped coordinator. */
  async backUp(to: string): Promise<void> {
    this.#expectStopped()
    await cp(this.dataDir, to, { recursive: true, preserveTimestamps: true })
  }

  /** Puts an earlier copy back in the place of a stopped coordinator's data. */
  async restoreFrom(backup: string): Promise<void> {
    this.#expectStopped()
    await rm(this.dataDir, { recursive: true })
    await cp(backup, this.dataDir, { recursive: true, preserveTimestamps: true })
  }

  #expectStopped(): void {
    if (this.process.isRunning) throw new Error('stop the coordinator first: its data is in use')
  }
}

export async function startCoordinator(life: Lifetime, options: CoordinatorOptions): Promise<Coordinator> {
  const coordinator = new Coordinator(life, {
    dataDir: options.dataDir,
    port: options.port ?? (await freePort()),
    dashboardPort: await freePort(),
    env: options.env ?? {},
    signIn: options.signIn ?? false,
    tls: options.tls ?? [],
  })
  await coordinator.start(options.through === undefined ? {} : { through: options.through })
  return coordinator
}
