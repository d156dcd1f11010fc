import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Coordinator } from './coordinator.ts'
import { eventually } from './eventually.ts'
import type { Lifetime } from './lifetime.ts'
import {
  causeway,
  freePort,
  runCauseway,
  startCauseway,
  type CausewayProcess,
  type ProcessOptions,
  type Ran,
} from './processes.ts'
import { treeOf, viewOf, type Tree } from './tree.ts'

export interface NodeOptions {
  readonly coordinator: Coordinator
  /** The synced directory. */
  readonly dir: string
  readonly name: string
  readonly folder?: string
  readonly access?: 'read-write' | 'send-only' | 'receive-only'
  /** Where the node keeps what it knows; beside the synced directory if left out. */
  readonly stateDir?: string
  /** The join link, where it is not the coordinator's own (through a proxy, say). */
  readonly link?: string
  readonly env?: NodeJS.ProcessEnv
  /** What new files of the process do not let others do; that of the tests if left out. */
  readonly umask?: number
}

export interface FolderStatus {
  readonly state: string
  readonly cursor: number
  readonly problems: readonly { readonly path: string; readonly code: string; readonly message: string }[]
  readonly halted?: unknown
}

/** One agent process on one directory. */
export class SyncNode {
  readonly name: string
  readonly dir: string
  readonly stateDir: string
  #life: Lifetime
  #env: NodeJS.ProcessEnv
  #through: readonly string[]
  #process: CausewayProcess | undefined

  constructor(
    life: Lifetime,
    options: Pick<NodeOptions, 'name' | 'dir' | 'umask'> & { stateDir: string; env: NodeJS.ProcessEnv },
  ) {
    this.#life = life
    this.name = options.name
    this.dir = options.dir
    this.stateDir = options.stateDir
    this.#env = options.env
    this.#through = options.umask === undefined ? [] : withUmask(options.umask)
  }

  get process(): CausewayProcess {
    if (this.#process === undefined) throw new Error(`${this.name} was not started`)
    return this.#process
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts)
  }

  /** Enrols with a link and stays in the foreground. */
  async join(link: string, folder: string | undefined): Promise<void> {
    const place = ['--name', this.name, '--state', this.stateDir, '--port', String(await freePort())]
    const named = folder === undefined ? [] : ['--folder', folder]
    this.#process = startCauseway(this.#life, this.name, ['join', link, this.dir, ...place, ...named], {
      env: this.#env,
      through: this.#through,
    })
  }

  /** Runs the enrolled node (again). */
  up({
    args = [],
    env = {},
    through = this.#through,
  }: Pick<ProcessOptions, 'env' | 'through'> & { readonly args?: readonly string[] } = {}): void {
    if (this.#process?.isRunning === true) throw new Error(`${this.name} is running`)
    const options = { env: { ...this.#env, ...env }, through }
    this.#process = startCauseway(this.#life, this.name, ['up', '--state', this.stateDir, ...args], options)
  }

  /** As a power cut of the process: nothing is flushed. */
  async kill9(): Promise<void> {
    await this.process.kill9()
  }

  async stop(): Promise<void> {
    await this.process.stop()
  }

  /** Returns when both directions are done. */
  async wait(timeoutSeconds = 90): Promise<void> {
    const args = ['wait', '--state', this.stateDir, '--timeout', String(timeoutSeconds)]
    await causeway(args, { timeoutMs: (timeoutSeconds + 20) * 1000 })
  }

  /** A subcommand that reads this node's state; whatever its exit code, it is returned. */
  run(command: string, ...args: string[]): Promise<Ran> {
    return runCauseway([command, '--state', this.stateDir, ...args])
  }

  /** The same, where it must succeed. Returns stdout. */
  cli(command: string, ...args: string[]): Promise<string> {
    return causeway([command, '--state', this.stateDir, ...args])
  }

  /** The status of the node's one folder. */
  async status(): Promise<FolderStatus> {
    // It exits with 4 where a person is needed.
    const report: unknown = JSON.parse((await this.run('status', '--json')).stdout)
    const [folder] = isRecord(report) && Array.isArray(report['folders']) ? report['folders'] : []
    if (!isFolderStatus(folder)) throw new Error(`causeway status --json has another form: ${JSON.stringify(report)}`)
    return folder
  }

  tree(): Promise<Tree> {
    return treeOf(this.dir)
  }

  view(below = ''): Promise<Record<string, string>> {
    return viewOf(this.dir, below)
  }
}

/** Invites, joins, and waits until the node has caught up. */
export async function startNode(life: Lifetime, options: NodeOptions): Promise<SyncNode> {
  const node = await startNodeUnsynced(life, options)
  await eventually(`${options.name} has joined and caught up`, () => node.wait(60), { timeoutMs: 90_000, everyMs: 200 })
  return node
}

/** Invites and joins, but does not wait: for tests that act during the first sync. */
export async function startNodeUnsynced(life: Lifetime, options: NodeOptions): Promise<SyncNode> {
  await mkdir(options.dir, { recursive: true })
  const stateDir = options.stateDir ?? `${options.dir}.state`
  const node = new SyncNode(life, { ...options, stateDir, env: options.env ?? {} })
  const { access } = options
  const invite = { folder: options.folder ?? 'work', ...(access === undefined ? {} : { access }) }
  await node.join(options.link ?? (await options.coordinator.invite(invite)), options.folder)
  return node
}

/** Runs a program with what its new files do not let others do. */
export function withUmask(umask: number): string[] {
  return ['sh', '-c', `umask ${umask.toString(8)}; exec "$@"`, 'sh']
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isFolderStatus(value: unknown): value is FolderStatus {
  return isRecord(value) && typeof value['state'] === 'string' && Array.isArray(value['problems'])
}
