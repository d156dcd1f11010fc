import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Child } from './child.ts'
import { ROOT, type DemoOptions } from './options.ts'
import { writeSamples } from './samples.ts'

const NAMES = [
  'atlas',
  'birch',
  'cedar',
  'dogwood',
  'elm',
  'fir',
  'ginkgo',
  'hazel',
  'iris',
  'juniper',
  'larch',
  'maple',
]
const FOLDER = 'demo'
const CATCH_UP_MS = 120_000
/** The exit code of `causeway wait` for a halted folder. */
const NEEDS_A_PERSON = 4
const GRACE_MS = 10_000

export interface DemoNode {
  readonly name: string
  readonly dir: string
  readonly state: string
}

/** The demo's processes: a coordinator and its nodes, each on a directory of its own. */
export class Fleet {
  readonly nodes: readonly DemoNode[]
  #options: DemoOptions
  #data: string
  #env: NodeJS.ProcessEnv
  #children: Child[] = []
  #stopping = false
  #onDeath: (message: string) => void = () => undefined

  /** Becomes a message for a person when a process ends that should not have. */
  readonly death: Promise<string> = new Promise((resolve) => {
    this.#onDeath = resolve
  })

  constructor(options: DemoOptions) {
    this.#options = options
    this.#data = join(options.dir, 'coordinator')
    this.#env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'warn' }
    this.nodes = NAMES.slice(0, options.nodes).map((name) => ({
      name,
      dir: join(options.dir, name),
      state: join(options.dir, 'state', name),
    }))
  }

  /** Starts the coordinator and returns its address. */
  async startCoordinator(): Promise<string> {
    const { host, port, dashboardPort } = this.#options
    await mkdir(this.#data, { recursive: true, mode: 0o700 })
    const ports = ['--port', String(port), '--dashboard-port', String(dashboardPort)]
    const child = this.#start('coordinator', ['serve', '--data', this.#data, '--host', host, ...ports, '--no-auth'])
    const ready = await child.matching(/\bready\s+(https?:\/\/\S+)/)
    // Without a match it has ended, which `death` tells about.
    return ready?.[1] ?? (await never())
  }

  /** Starts every node: with a join link the first time, as the enrolled node afterwards. `onLine` gets its status lines. */
  async startNodes(coordinator: string, onLine: (node: string, line: string) => void): Promise<void> {
    const starting = this.nodes.map(async (node, index) => {
      const { args, env = {} } = (await isEnrolled(node, coordinator))
        ? { args: ['up', '--state', node.state] }
        : await this.#joining(node, index)
      this.#start(node.name, args, env).onLine((line) => onLine(node.name, line))
    })
    await Promise.all(starting)
  }

  /** Resolves when every node has sent what it had and holds what the others sent. */
  async caughtUp(): Promise<void> {
    const deadline = Date.now() + CATCH_UP_MS
    // The first round ends with everything at the coordinator, the second with everything everywhere.
    for (const _round of ['out', 'in']) await Promise.all(this.nodes.map((node) => waitFor(node, deadline)))
  }

  /** Ends nodes first, so that what they are doing still finds its coordinator. Safe to call more than once. */
  async stop(): Promise<void> {
    this.#stopping = true
    const [coordinator, ...nodes] = this.#children
    await Promise.all(nodes.map((child) => child.stop(GRACE_MS)))
    await coordinator?.stop(GRACE_MS)
  }

  kill(): void {
    this.#stopping = true
    for (const child of this.#children) child.signal('SIGKILL')
  }

  async #joining(node: DemoNode, index: number): Promise<{ args: string[]; env?: NodeJS.ProcessEnv }> {
    await mkdir(node.dir, { recursive: true })
    await writeSamples(node.dir, index)
    const invite = await causeway(['invite', '--data', this.#data, '--folder', FOLDER, '--create'], this.#env)
    const link = invite.stdout.split(/\s+/).find((word) => word.includes('://'))
    if (invite.code !== 0 || link === undefined)
      throw new Error(`could not invite ${node.name}:\n${invite.stderr || invite.stdout}`)
    const args = ['join', node.dir, '--name', node.name, '--state', node.state, '--port', String(await freePort())]
    // Whoever lists the processes of this machine does not see the link.
    return { args, env: { CAUSEWAY_JOIN_LINK: link } }
  }

  #start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
    const child = new Child(name, args, { ...this.#env, ...env })
    this.#children.push(child)
    void child.ended.then(({ code, signal }) => {
      if (this.#stopping) return
      const how = signal === null ? `with exit code ${code ?? 'none'}` : `by ${signal}`
      this.#onDeath(`${name} ended ${how}. It said last:\n${child.lastWords() || '    (nothing)'}`)
    })
    return child
  }
}

/** A port of one's own for whoever asks; taken by nobody a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/**
 * True once a node has joined with its directory: a start that was broken off before that joins again. Throws if it
 * joined a coordinator at another address than this one, which it could not reach.
 */
async function isEnrolled(node: DemoNode, coordinator: string): Promise<boolean> {
  const record = await readFile(join(node.state, 'node.json'), 'utf8').catch(() => '')
  if (!record.includes(JSON.stringify(node.dir))) return false
  const joined = /"url":\s*"([^"]+)"/.exec(record)?.[1]
  if (joined === undefined || sameAddress(joined, coordinator)) return true
  throw new Error(
    `${node.name} was set up for a coordinator at ${joined}, and this one is at ${coordinator}. Set COORDINATOR_PORT ` +
      `(and COORDINATOR_HOST) as they were then, or keep another demo apart with --dir.`,
  )
}

function sameAddress(one: string, other: string): boolean {
  return new URL(one).host === new URL(other).host
}

async function waitFor(node: DemoNode, deadline: number): Promise<void> {
  for (;;) {
    const seconds = Math.max(1, Math.round((deadline - Date.now()) / 1000))
    const { code, stderr } = await causeway(['wait', '--state', node.state, '--timeout', String(seconds)])
    if (code === 0) return
    if (code === NEEDS_A_PERSON) throw new Error(`${node.name} waits for you:\n${stderr}`)
    // Right after its start a node can't be asked yet.
    if (Date.now() > deadline) throw new Error(`${node.name} did not catch up in time.\n${stderr}`)
    await pause(200)
  }
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function causeway(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  const child = spawn(join(ROOT, 'bin/causeway'), args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
