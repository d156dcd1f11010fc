import { CycleMemory, liftHalt, receiveChanges, runSyncCycle } from '../../../apps/agent/src/sync-cycle.ts'
import type { HaltChoice } from '../../../apps/agent/src/cycle/cycle-context.ts'
import { createFolderRunner } from '../../../apps/agent/src/runner/folder-runner.ts'
import type { FolderRunnerEvents } from '../../../apps/agent/src/runner/runner-ports.ts'
import type { FolderStatus } from '../../../apps/agent/src/runner/folder-status.ts'
import { createNodeRunner, type NodeRunner } from '../../../apps/agent/src/runner/node-runner.ts'
import { createProgressCounter } from '../../../apps/agent/src/runner/progress.ts'
import { createSaveStopwatch } from '../../../apps/agent/src/runner/save-stopwatch.ts'
import { createTransfer } from '../../../apps/agent/src/transfer/create-transfer.ts'
import { createNodeContents } from '../../../apps/agent/src/transfer/down/node-contents.ts'
import { keepLeftovers } from '../../../apps/agent/src/transfer/down/leftovers.ts'
import { basePath, type DigestSums } from '@causeway/engine'
import { SyncError, type EntryState, type FolderId, type NodeId } from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState } from '@causeway/replica'
import { createMemoryFiles, type FilesCall, type MemoryFiles, type UserSide } from '@causeway/testkit'
import { createSleep, type VirtualTime } from '@causeway/time'
import type { Chance } from './chance.ts'
import { createDirectLink } from './direct-link.ts'
import { Life, mortal, never } from './mortal.ts'
import type { Network } from './network.ts'
import { SimulatedSocket } from './simulated-socket.ts'
import { Notices, watchedUser } from './watched-user.ts'

export interface NodeWorld {
  readonly folder: FolderId
  readonly network: Network
  readonly chance: Chance
  readonly time: VirtualTime
  readonly wallNow: () => number
  readonly log: (line: string) => void
  /** A person at this node does something, in the middle of whatever it is at. */
  readonly interfere: (node: SimulatedNode) => void
}

interface Incarnation {
  readonly life: Life
  readonly runner: NodeRunner
  readonly socket: SimulatedSocket
}

const DISK_CALLS_THAT_MAY_FAIL = new Set([
  'open',
  'read',
  'stage',
  'write',
  'placeNew',
  'replace',
  'move',
  'removeFile',
  'list',
])
const SLOW_CALL_MS = 200
const NOTICE_MS = 60
const RESTART_MS = 8_000

/** One machine: the real runner over a disk in memory, in a process that can be killed at any call to the disk. */
export class SimulatedNode {
  readonly id: NodeId
  readonly disk: { readonly user: UserSide }
  readonly #world: NodeWorld
  readonly #files: MemoryFiles
  readonly #state: OpenReplicaState
  readonly #notices = new Notices()
  #current: Incarnation | null = null

  constructor(id: NodeId, world: NodeWorld) {
    this.id = id
    this.#world = world
    let ticks = 0n
    this.#files = createMemoryFiles({
      now: () => BigInt(world.wallNow()) * 1_000_000n + (ticks += 1n),
      beforeCall: (call) => this.#beforeDisk(call),
    })
    this.disk = { user: watchedUser(this.#files.user, (path, recursive) => this.#notice(path, recursive)) }
    this.#state = openReplicaState({ path: ':memory:', folder: world.folder, node: id })
    this.start()
  }

  get isUp(): boolean {
    return this.#current !== null
  }

  get status(): FolderStatus | undefined {
    return this.#current?.runner.status.folders[0]
  }

  get isLinked(): boolean {
    return this.#current?.socket.isUp === true
  }

  start(): void {
    if (this.#current !== null) return
    const { network, folder, time, chance } = this.#world
    const life = new Life()
    const process = time.process()
    life.onEnd(() => process.end())
    const socket = new SimulatedSocket(this.id, network, life)
    const runner = createNodeRunner({
      node: this.id,
      name: this.id,
      coordinator: { url: 'simulated', id: 'test' },
      socket,
      folders: [{ folder, create: (events) => this.#createFolderRunner(life, process.timers, events) }],
      timers: process.timers,
      random: chance.port(),
      closeLink: async () => undefined,
      onStatus: () => undefined,
      onAssignments: () => undefined,
      onAccess: () => undefined,
    })
    this.#current = { life, runner, socket }
    runner.start()
  }

  /** The process ends, whatever it was doing, and begins again before long. */
  kill(): void {
    const running = this.#current
    if (running === null) return
    this.#current = null
    running.life.end()
    this.#files.restart()
    this.#world.time.timers.after(1 + this.#world.chance.random.below(RESTART_MS), () => this.start())
  }

  cut(): void {
    this.#current?.socket.cut()
  }

  /** What a person says who has looked at a halt. */
  decide(choice: HaltChoice): void {
    this.#current?.runner.resume(this.#world.folder, choice)
  }

  /** Looks through everything, as `causeway wait` has it do. */
  lookAtAll(): void {
    this.#current?.runner.settle(new AbortController().signal).catch(() => undefined)
  }

  pending(): readonly EntryState[] {
    return this.#state.pending()
  }

  /** What the node believes the folder to hold, in sums. */
  digest(): DigestSums {
    for (;;) {
      const sums = this.#state.countBeliefs(1000)
      if (sums !== undefined) return sums
    }
  }

  believed(): readonly { readonly id: string }[] {
    return this.#state.believedAfter('', 100_000).entries
  }

  /** What the node remembers of a path, for a violation's message. */
  explain(path: string): string {
    const entry = [...this.#state.baseAll()].find((base) => basePath(this.#state, base.id) === path)
    if (entry === undefined) return 'not in the base'
    return `base ${JSON.stringify([entry.id, entry.placeVector, entry.contentVector, entry.existenceVector])}`
  }

  close(): void {
    this.#current?.life.end()
    this.#current = null
    this.#state.close()
  }

  #createFolderRunner(life: Life, timers: VirtualTime['timers'], events: FolderRunnerEvents) {
    const { folder, network, chance, wallNow } = this.#world
    const now = (): number => timers.now()
    const counter = createProgressCounter({ now, onChange: events.changed })
    const saves = createSaveStopwatch({ now, onSaved: events.saved })
    const state = mortal(this.#state, life)
    const memory = new CycleMemory(state)
    const files = mortal(this.#files.files, life)
    const link = createDirectLink(this.id, (what, ask) => life.whileAlive(network.ask(this.id, what, ask)))
    const contents = createNodeContents(now, timers)
    return createFolderRunner({
      name: 'everything',
      directory: '/',
      context: {
        folder,
        node: this.id,
        nodeName: this.id,
        access: 'read-write',
        state,
        link,
        now,
        wallNow,
        progress: counter,
        saves,
        memory,
      },
      cycle: { run: runSyncCycle, receive: receiveChanges, liftHalt },
      openReplica: async () => {
        const leftovers = await keepLeftovers(files, wallNow)
        const leave = contents.add({ files, state })
        return {
          files,
          transfer: createTransfer({
            folder,
            files,
            link,
            progress: counter,
            now: wallNow,
            leftovers,
            state,
            contents,
          }),
          watcher: this.#notices.watcher(),
          close: leave,
        }
      },
      events,
      checkState: () => undefined,
      counter,
      sleep: createSleep(timers),
      random: () => chance.random.next(),
    })
  }

  #notice(path: string, recursive: boolean): void {
    const { chance, time } = this.#world
    if (chance.hits('missedEvent')) return
    time.timers.after(1 + chance.random.below(NOTICE_MS), () => this.#notices.changed(path, recursive))
  }

  async #beforeDisk({ method }: FilesCall): Promise<void> {
    const { chance, time, interfere, log } = this.#world
    const running = this.#current
    if (running === null) return never()
    if (chance.hits('slowDisk')) await createSleep(time.timers)(1 + chance.random.below(SLOW_CALL_MS))
    if (running.life.isOver) return never()
    if (method !== 'clearStaging' && chance.hits('crash')) {
      log(`${this.id} is killed before ${method}`)
      this.kill()
      return never()
    }
    if (DISK_CALLS_THAT_MAY_FAIL.has(method) && chance.hits('diskError')) {
      throw new SyncError('io-error', `${method} failed (EIO)`)
    }
    if (chance.hits('interference')) interfere(this)
  }
}
