import { spawn } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EXIT } from '../../apps/agent/src/cli/exit-codes.ts'
import { stateLocations } from '../../apps/agent/src/state/locations.ts'
import { readNodeRecord, writeNodeRecord } from '../../apps/agent/src/state/node-record.ts'
import type { Child } from './child.ts'
import { isFullDisk } from './disk-words.ts'
import { ROOT, type DemoOptions } from './options.ts'
import { probeDisk } from './probe-disk.ts'
import { readSamplesRecord } from './samples-record.ts'
import { writeSamples } from './samples.ts'
import { Service, type Command, type UnexpectedEnd } from './service.ts'

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
export const FOLDER = 'demo'
const CATCH_UP_MS = 120_000
const GRACE_MS = 10_000
/** A coordinator that ends so often before it was ever ready is given up. */
const FIRST_ATTEMPTS = 3

export interface DemoNode {
  readonly name: string
  readonly dir: string
  readonly state: string
}

/** How waiting for all nodes ended: all are in step, a person is needed first, or there was not time enough. */
export type CaughtUp = 'in-sync' | 'needs-a-person' | 'not-in-time'

export interface FleetEvents {
  /** A node said something about itself. */
  line(node: string, line: string): void
  /** A process that should run ended; it is started again. */
  ended(end: UnexpectedEnd): void
  /** The coordinator could not start yet, as its disk is full; it is tried again until there is room. */
  noRoom(error: Error): void
  /** One that had ended runs again. */
  back(name: string): void
}

/** The demo's processes: a coordinator and its nodes, each on a directory of its own. */
export class Fleet {
  readonly nodes: readonly DemoNode[]
  #options: DemoOptions
  #events: FleetEvents
  #data: string
  #env: NodeJS.ProcessEnv
  #coordinator: Service | undefined
  #members: Service[] = []

  constructor(options: DemoOptions, events: FleetEvents) {
    this.#options = options
    this.#events = events
    this.#data = join(options.dir, 'coordinator')
    this.#env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'warn' }
    this.nodes = NAMES.slice(0, options.nodes).map((name) => ({
      name,
      dir: join(options.dir, name),
      state: join(options.dir, 'state', name),
    }))
  }

  /**
   * Starts the coordinator and resolves to its address once it can be reached. Rejects with its last lines if it does not
   * come up, unless that is for want of room on its disk; once it was up it is started again for as long as the fleet runs.
   */
  async startCoordinator(): Promise<string> {
    const { host, port, dashboardPort, signIn } = this.#options
    await mkdir(this.#data, { recursive: true, mode: 0o700 })
    const ports = ['--port', String(port), '--dashboard-port', String(dashboardPort)]
    // Whatever certificate a `.env` names is for other machines: here everything is on loopback.
    const open = signIn ? [] : ['--no-auth']
    const args = ['serve', '--data', this.#data, '--host', host, ...ports, ...open, '--insecure-http']
    return new Promise((resolve, reject) => {
      let wasReady = false
      let failures = 0
      const failed = async ({ how, lastWords }: UnexpectedEnd): Promise<void> => {
        const refusal = await probeDisk(this.#options.dir)
        if (refusal !== undefined && isFullDisk(refusal)) this.#events.noRoom(refusal)
        else if (++failures === FIRST_ATTEMPTS) reject(new Error(`the coordinator ${how}:\n${lastWords}`))
      }
      this.#coordinator = this.#keep('coordinator', async () => ({ args }), {
        ended: (end) => {
          if (wasReady) this.#events.ended(end)
          else void failed(end)
        },
        ready: async (child) => {
          const ready = await child.matching(/\bready\s+(https?:\/\/\S+)/)
          if (ready?.[1] === undefined) return false
          wasReady = true
          resolve(ready[1])
          return true
        },
      })
    })
  }

  /** Starts every node: with a join link the first time, as the enrolled node afterwards. */
  async startNodes(coordinator: string): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      const service = this.#keep(node.name, () => this.#commandOf(node, index, coordinator), {
        ended: (end) => this.#events.ended(end),
        ready: async (child) => {
          child.onLine((line) => this.#events.line(node.name, line))
          return true
        },
      })
      this.#members.push(service)
    }
  }

  /** Waits until every node has sent what it had and holds what the others sent, or can't without a person. */
  async caughtUp(withinMs: number = CATCH_UP_MS): Promise<CaughtUp> {
    const deadline = performance.now() + withinMs
    let result: CaughtUp = 'in-sync'
    // The first round ends with everything at the coordinator, the second with everything everywhere.
    for (const _round of ['out', 'in']) {
      const ends = await Promise.all(this.nodes.map((node) => waitFor(node, deadline)))
      if (ends.includes('not-in-time')) return 'not-in-time'
      result = ends.includes('needs-a-person') ? 'needs-a-person' : 'in-sync'
    }
    return result
  }

  /** Ends nodes first, so that what they are doing still finds its coordinator. Safe to call more than once. */
  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop(GRACE_MS)))
    await this.#coordinator?.stop(GRACE_MS)
  }

  kill(): void {
    for (const service of [...this.#members, this.#coordinator]) service?.kill()
  }

  #keep(
    name: string,
    command: () => Promise<Command>,
    on: { ended(end: UnexpectedEnd): void; ready(child: Child): Promise<boolean> },
  ): Service {
    let hadEnded = false
    return new Service({
      name,
      env: this.#env,
      command,
      began: (child) => {
        const again = hadEnded
        void on.ready(child).then((isReady) => {
          if (again && isReady) this.#events.back(name)
        })
      },
      ended: (end) => {
        hadEnded = true
        on.ended(end)
      },
    })
  }

  async #commandOf(node: DemoNode, index: number, coordinator: string): Promise<Command> {
    if (await isEnrolled(node, coordinator)) return { args: ['up', '--state', node.state] }
    await mkdir(node.dir, { recursive: true })
    const samples = await readSamplesRecord(this.#options.dir)
    // Only into a directory of a new demo that nobody has put anything into.
    if (index < (samples?.nodes ?? 0) && (await readdir(node.dir)).length === 0) await writeSamples(node.dir, index)
    const invite = await causeway(['invite', '--data', this.#data, '--folder', FOLDER, '--create'], this.#env)
    const link = invite.stdout.split(/\s+/).find((word) => word.includes('://'))
    if (invite.code !== 0 || link === undefined)
      throw new Error(`could not invite ${node.name}: ${(invite.stderr || invite.stdout).trim()}`)
    const args = ['join', node.dir, '--name', node.name, '--state', node.state, '--port', String(await freePort())]
    // Whoever lists the processes of this machine does not see the link.
    return { args, env: { CAUSEWAY_JOIN_LINK: link } }
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
 * True once a node has joined with its directory: a start that was broken off before that joins again. A node that
 * joined while the coordinator listened elsewhere is told where it listens now.
 */
async function isEnrolled(node: DemoNode, coordinator: string): Promise<boolean> {
  const { node: path } = stateLocations(node.state)
  const record = await readNodeRecord(path)
  if (record?.folders.some(({ directory }) => directory === node.dir) !== true) return false
  if (new URL(record.coordinator.url).host !== new URL(coordinator).host) {
    await writeNodeRecord(path, { ...record, coordinator: { ...record.coordinator, url: coordinator } })
  }
  return true
}

async function waitFor(node: DemoNode, deadline: number): Promise<CaughtUp> {
  for (;;) {
    const seconds = Math.max(1, Math.round((deadline - performance.now()) / 1000))
    const { code } = await causeway(['wait', '--state', node.state, '--timeout', String(seconds)])
    if (code === EXIT.ok) return 'in-sync'
    if (code === EXIT.person) return 'needs-a-person'
    // Right after its start a node can't be asked yet.
    if (performance.now() > deadline) return 'not-in-time'
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
