import { obstacleToPuttingBack } from '@causeway/engine'
import {
  SyncError,
  type Access,
  type Assignments,
  type CoordinatorMessage,
  type DeleteBrake,
  type FolderId,
  type KeyPin,
  type NodeId,
} from '@causeway/protocol'
import { createSleep, systemRandom, systemTimers, type Random, type Timer, type Timers } from '@causeway/time'
import { createBackoff } from '../link/backoff.ts'
import type { LinkSocket } from '../link/socket.ts'
import type { HaltChoice } from '../cycle/cycle-context.ts'
import type { FolderRunner, FolderRunnerEvents } from './runner-ports.ts'
import { reportOf, type FolderStatus } from './folder-status.ts'
import { createSaveReports } from './save-reports.ts'
import type { Settled } from './settling.ts'

/** All that `causeway status` tells. */
export interface NodeStatus {
  readonly node: NodeId
  readonly name: string
  readonly coordinator: { readonly url: string; readonly id: string; readonly connected: boolean }
  readonly folders: readonly FolderStatus[]
}

export interface SettledFolder {
  readonly folder: FolderId
  readonly name: string
  readonly result: Settled
}

/** The folders of one node, on one link. */
export interface NodeRunner {
  start(): void
  /** Ends every cycle, and with them all requests, within a few seconds. */
  stop(): Promise<void>
  readonly status: NodeStatus
  /** Begins to sync one more folder. */
  addFolder(added: RunFolder): void
  /** Ends the work on a folder, and returns once nothing of it is under way. */
  removeFolder(folder: FolderId): Promise<void>
  /** Waits until every folder is done, or needs a person. */
  settle(signal: AbortSignal): Promise<readonly SettledFolder[]>
  /** Takes over what this node may do in a folder, as the coordinator said. */
  setAccess(folder: FolderId, access: Access): void
  /** Takes over whether a person has paused a folder here. */
  setPaused(folder: FolderId, paused: boolean): void
  /** Takes over what the coordinator says of a folder's brake. */
  setDeleteBrake(folder: FolderId, deleteBrake: DeleteBrake): void
  /**
   * Lifts a folder's halt, by id, name or directory, and returns how the folder
   * stood before. Throws `not-found`, and `not-allowed` where this node's rights
   * do not let it put back what is held.
   */
  resume(folder: string, choice: HaltChoice): FolderStatus
}

export interface RunFolder {
  readonly folder: FolderId
  create(events: FolderRunnerEvents): FolderRunner
}

export interface NodeRunnerOptions {
  readonly node: NodeId
  readonly name: string
  readonly coordinator: { readonly url: string; readonly id: string }
  readonly socket: LinkSocket
  readonly folders: readonly RunFolder[]
  readonly timers?: Timers
  readonly random?: Pick<Random, 'fraction'>
  /** Drops the link's connections. */
  closeLink(): Promise<void>
  /** Called after each change of the status. */
  onStatus(): void
  /** What people decided about this node's folders. */
  onAssignments(assignments: Assignments): void
  /** A person changed this node's rights. */
  onAccess(folder: FolderId, access: Access): void
  /** The TLS keys that the coordinator will show from now on. */
  onKeys?(pins: readonly KeyPin[]): void
}

const REPORT_EVERY_MS = 1_000
/** Longer than a transfer that moves ever stays silent. */
const STALLED_REPORT_MS = 6_000
/** The coordinator writes each position down: nobody needs every one of a burst. */
const APPLIED_AFTER_MS = 100
/** What could not be read is asked for after this, and ever later while it goes on. */
const UNREADABLE_AFTER = { firstMs: 200, limitMs: 60_000 }
/** A cycle gets this long to come to an end of its own. */
const STOP_MS = 3_000

export function createNodeRunner(options: NodeRunnerOptions): NodeRunner {
  const { socket, timers = systemTimers, random = systemRandom } = options
  const runners = new Map<FolderId, FolderRunner>()
  const saves = createSaveReports((message) => socket.send(message), timers)
  const reported = new Map<FolderId, string>()
  const applied = new Map<FolderId, string>()
  const toTell = new Set<FolderId>()
  let reportTimer: Timer | undefined
  let stalledTimer: Timer | undefined
  let appliedTimer: Timer | undefined
  let unreadableTimer: Timer | undefined
  const unreadables = createBackoff({ ...UNREADABLE_AFTER, random: random.fraction })
  let lastReportAt = -Infinity
  let stopped = false

  /** Of each folder: aborted when it is taken away. */
  const gone = new Map<FolderId, AbortController>()
  let isStarted = false

  function add({ folder, create }: RunFolder): FolderRunner {
    const runner = create({
      changed: () => {
        if (stopped) return
        options.onStatus()
        reportSoon()
      },
      follow: () => {
        const known = runners.get(folder)
        if (known !== undefined) socket.send({ kind: 'follow', folder, cursor: known.cursor })
      },
      applied: () => {
        if (stopped) return
        toTell.add(folder)
        appliedTimer ??= timers.after(APPLIED_AFTER_MS, tellApplied)
      },
      saved: (tookMs) => saves.saved(tookMs),
    })
    runners.set(folder, runner)
    gone.set(folder, new AbortController())
    return runner
  }

  for (const folder of options.folders) add(folder)

  async function settleFolder(folder: FolderId, runner: FolderRunner, signal: AbortSignal): Promise<SettledFolder> {
    const { name } = runner.status
    const left = gone.get(folder)?.signal ?? signal
    const result = await runner.settle(AbortSignal.any([signal, left])).catch((error: unknown): Settled => {
      // Of a folder that is synced here no longer there is nothing more to wait for.
      if (left.aborted && !signal.aborted) return { kind: 'done', problems: [] }
      throw error
    })
    return { folder, name, result }
  }

  function tellApplied(): void {
    appliedTimer = undefined
    for (const folder of toTell) {
      const cursor = runners.get(folder)?.cursor
      if (cursor === undefined || cursor.seq === 0) continue
      const key = `${cursor.epoch} ${cursor.seq}`
      if (applied.get(folder) === key) continue
      if (socket.send({ kind: 'applied', folder, cursor })) applied.set(folder, key)
    }
    toTell.clear()
  }

  function reportSoon(): void {
    if (reportTimer !== undefined) return
    const wait = Math.max(0, lastReportAt + REPORT_EVERY_MS - timers.now())
    reportTimer = timers.after(wait, report).unref()
  }

  function report(): void {
    reportTimer = undefined
    lastReportAt = timers.now()
    let isMoving = false
    for (const [folder, runner] of runners) {
      const message = reportOf(runner.status)
      isMoving ||= message.state === 'syncing' && (message.secondsLeft ?? 0) > 0
      const text = JSON.stringify(message)
      if (reported.get(folder) === text) continue
      if (socket.send({ kind: 'report', report: message })) reported.set(folder, text)
    }
    // What stands still tells of no change: the time left that was told last must not stay.
    stalledTimer?.cancel()
    if (!stopped && isMoving) stalledTimer = timers.after(STALLED_REPORT_MS, reportSoon).unref()
  }

  function receive(message: Exclude<CoordinatorMessage, { kind: 'welcome' }>): void {
    if (message.kind === 'assignments') {
      options.onAssignments(message)
      return
    }
    if (message.kind === 'keys') {
      options.onKeys?.(message.pins)
      return
    }
    const folder = message.kind === 'changes' ? message.batch.folder : message.folder
    const runner = runners.get(folder)
    if (runner === undefined) return
    if (message.kind === 'changes') runner.received(message.batch)
    else if (message.kind === 'behind') runner.fellBehind(message.head)
    else if (message.kind === 'resume') runner.resume('let-go')
    else if (message.kind === 'put-back') {
      if (obstacleTo('put-back', runner.status) === null) runner.resume('put-back')
    } else if (message.kind === 'wanted') runner.wanted(message.contents)
    else if (message.kind === 'coming') runner.coming(message.coming, message.node)
    else if (message.kind === 'access') {
      setAccess(folder, message.access)
      runner.setPaused(message.paused === true)
    } else if (message.kind === 'delete-brake') runner.setDeleteBrake(message.deleteBrake)
  }

  function setAccess(folder: FolderId, access: Access): void {
    const runner = runners.get(folder)
    if (runner === undefined || runner.status.access === access) return
    runner.setAccess(access)
    options.onAccess(folder, access)
  }

  /** Why a folder's halt can't be undone by this node, or null. */
  function obstacleTo(choice: HaltChoice, { access, halted }: FolderStatus): string | null {
    return choice === 'put-back' && halted !== null ? obstacleToPuttingBack(access, halted) : null
  }

  return {
    start() {
      isStarted = true
      for (const runner of runners.values()) runner.start()
      socket.start({
        up() {
          reported.clear()
          applied.clear()
          unreadables.reset()
          for (const runner of runners.values()) runner.linkUp()
          saves.linkUp()
          reportSoon()
        },
        down(error) {
          for (const runner of runners.values()) runner.linkDown(error.message)
        },
        message: receive,
        unreadable(error) {
          unreadableTimer ??= timers.after(unreadables.next(), () => {
            unreadableTimer = undefined
            for (const runner of runners.values()) runner.missedPush(error.message)
          })
        },
      })
    },
    async stop() {
      // Nothing is told any more, so that no timer outlives what it would ask.
      stopped = true
      reportTimer?.cancel()
      stalledTimer?.cancel()
      appliedTimer?.cancel()
      unreadableTimer?.cancel()
      saves.stop()
      await socket.stop()
      const ended = Promise.all([...runners.values()].map((runner) => runner.stop()))
      const patience = new AbortController()
      await Promise.race([ended, createSleep(timers)(STOP_MS, patience.signal).catch(() => undefined)])
      patience.abort()
      await options.closeLink()
      await ended
    },
    get status() {
      const { node, name, coordinator } = options
      const folders = [...runners.values()].map((runner) => runner.status)
      return { node, name, coordinator: { ...coordinator, connected: socket.isUp }, folders }
    },
    addFolder(added) {
      if (stopped) return
      const runner = add(added)
      if (isStarted) runner.start()
      if (socket.isUp) runner.linkUp()
      options.onStatus()
    },
    async removeFolder(folder) {
      const runner = runners.get(folder)
      if (runner === undefined) return
      // Whatever it still tells is of a folder that this node does not carry.
      runners.delete(folder)
      gone.get(folder)?.abort(new Error('the folder is no longer synced here'))
      for (const known of [gone, reported, applied, toTell]) known.delete(folder)
      await runner.stop()
      options.onStatus()
    },
    settle: (signal) => Promise.all([...runners].map(([folder, runner]) => settleFolder(folder, runner, signal))),
    setAccess,
    setPaused(folder, paused) {
      runners.get(folder)?.setPaused(paused)
    },
    setDeleteBrake(folder, deleteBrake) {
      runners.get(folder)?.setDeleteBrake(deleteBrake)
    },
    resume(wanted, choice) {
      const found = [...runners].find(([folder, { status }]) => {
        return folder === wanted || status.name === wanted || status.directory === wanted
      })
      if (found === undefined) throw new SyncError('not-found', `this node has no folder ${wanted}`)
      const [, runner] = found
      const { status } = runner
      const obstacle = obstacleTo(choice, status)
      if (obstacle !== null) throw new SyncError('not-allowed', `${options.name} ${obstacle}`)
      runner.resume(choice)
      return status
    },
  }
}
