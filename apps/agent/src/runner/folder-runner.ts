import {
  isSyncError,
  type Access,
  type ChangeBatch,
  type Coming,
  type Cursor,
  type DeleteBrake,
  type Hash,
  type NodeId,
} from '@causeway/protocol'
import type { Files, WatchHint, Watcher } from '@causeway/replica'
import { systemRandom } from '@causeway/time'
import { createBackoff, type Sleep } from '../link/backoff.ts'
import { messageOf } from '../link/json-call.ts'
import type { ProgressListener, Transfer } from '../ports.ts'
import type { CycleContext, CycleReport, HaltChoice, ScanScope } from '../cycle/cycle-context.ts'
import { proveIdle } from '../cycle/pull/prove-idle.ts'
import { createFolderInbox, isKnown, type InboxContents } from './folder-inbox.ts'
import { FIRST_PHASE, nextPhase, type PhaseEvent } from './folder-phase.ts'
import { folderStatus, type FolderStatus } from './folder-status.ts'
import { WHOLE_TREE } from './hints.ts'
import { createIdleProof, PROOF_PACE, type ProofPace } from './idle-proof.ts'
import type { ProgressCounter } from './progress.ts'
import { createSchedule } from './schedule.ts'
import { createSettling, type Settled } from './settling.ts'

/** The sync cycle as the runner calls it: never two calls of one folder at a time. */
export interface Cycle {
  run(context: CycleContext, scope: ScanScope, signal: AbortSignal): Promise<CycleReport>
  receive(context: CycleContext, batch: ChangeBatch): void
  liftHalt(context: CycleContext, choice: HaltChoice): void
}

/** What a runner tells the node it runs in. */
export interface FolderRunnerEvents {
  /** The status may have changed. Called often: the listener throttles. */
  changed(): void
  /** Changes are to be pushed from the folder's cursor on. */
  follow(): void
  /** Everything up to the cursor is on the disk. */
  applied(): void
  /** A save is with the coordinator, so long after it was noticed. */
  saved(tookMs: number): void
}

/** A folder's directory while it is reachable. After it was away it must be opened anew. */
export interface Replica {
  readonly files: Files
  readonly transfer: Transfer
  readonly watcher: Watcher
  close(): void
}

export interface FolderRunnerOptions {
  readonly name: string
  readonly directory: string
  readonly context: Omit<CycleContext, 'files' | 'transfer' | 'lastEventMs'>
  readonly cycle: Cycle
  /** Throws `root-missing` or `root-foreign` if the directory is not there or is another. */
  openReplica(watching: { onProblem(problem: string | undefined): void }): Promise<Replica>
  readonly events: FolderRunnerEvents
  /** Throws `state-missing` if what the node knows of the folder is not where it was. */
  checkState(): void
  readonly counter: Omit<ProgressCounter, keyof ProgressListener>
  readonly sleep: Sleep
  /** Spreads the waits after failures. */
  readonly random?: () => number
  readonly proofPace?: ProofPace | undefined
}

/** Keeps one folder in sync: turns hints, pushes and the passing of time into cycles, one at a time. */
export interface FolderRunner {
  start(): void
  /** Aborts the cycle under way and returns once it has ended. */
  stop(): Promise<void>
  readonly status: FolderStatus
  /** Where the node stands in the folder's change log. */
  readonly cursor: Cursor
  received(batch: ChangeBatch): void
  /** The log, which stands at `head`, holds more than is pushed. */
  fellBehind(head: number): void
  /** A message of the coordinator could not be read: what it told is asked for, and the reason shown until the next one is read. */
  missedPush(reason: string): void
  /** The coordinator has lost chunks of these contents. */
  wanted(contents: readonly Hash[]): void
  /** Another node has begun to send a large content. */
  coming(coming: Coming, from: NodeId): void
  linkUp(): void
  linkDown(reason: string): void
  /** A person decided what becomes of what is held back. Where nothing is, nothing happens. */
  resume(choice: HaltChoice): void
  setAccess(access: Access): void
  /** While it is paused nothing is sent, fetched or looked at; after that, everything is looked at anew. */
  setPaused(paused: boolean): void
  /** How much may be removed without a question. */
  setDeleteBrake(deleteBrake: DeleteBrake): void
  /**
   * Looks at everything anew and resolves once both directions are done, or a
   * person is needed. Rejects with the signal's reason.
   */
  settle(signal: AbortSignal): Promise<Settled>
}

/** A state directory that was removed is noticed after this long, whatever else happens. */
const STATE_CHECK_MS = 3_000
const PAUSED = 'paused by a person'
/** Events count as ongoing work for so long. */
const BUSY_MS = 2 * 60_000

export function createFolderRunner(options: FolderRunnerOptions): FolderRunner {
  const { cycle, events, sleep, counter, random = systemRandom.fraction } = options
  const { state, folder, now, saves, memory } = options.context
  const inbox = createFolderInbox()
  const schedule = createSchedule()
  const failures = createBackoff({ firstMs: 500, limitMs: 10_000, random })
  const looksAgain = createBackoff({ firstMs: 20, limitMs: 2_000, random })
  const unfinished = createBackoff({ firstMs: 1_000, limitMs: 30_000, random })
  const settling = createSettling()
  const stopping = new AbortController()
  const proof = createIdleProof({
    prove: (shown, signal) => proveIdle(options.context, { shown, isAtRest }, signal),
    isAtRest,
    onDoubt: lookAgainAtAll,
    onProof: agreed,
    sleep,
    now: options.context.wallNow,
    random,
    pace: options.proofPace ?? PROOF_PACE,
  })

  let { access } = options.context
  let isPaused = false
  let isCycling = false
  let isLinked = false
  let followed = false
  let conflicts = 0
  let watchProblem: string | undefined
  let pushProblem: string | undefined
  let phase = FIRST_PHASE
  let report: CycleReport | null = null
  let failure: { code: string; message: string } | null = null
  let lookAgain: readonly WatchHint[] = []
  /** True until a cycle has looked where the last one said to look again, whatever made it run. */
  let isLookOwed = false
  let lastEventAt = -Infinity
  let lastBeganAt = -Infinity
  let lastInSyncAt: string | null = null
  let replica: Replica | undefined
  let loop: Promise<void> = Promise.resolve()
  let wake: () => void = () => undefined

  function enter(event: PhaseEvent, reason = ''): void {
    phase = nextPhase(phase, event, reason)
    events.changed()
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await somethingToDo()
      if (stopping.signal.aborted) return
      isCycling = true
      await oneCycle()
      isCycling = false
      proof.rested()
    }
  }

  function isAtRest(): boolean {
    return isLinked && !isPaused && !isCycling && inbox.isEmpty
  }

  /** What was found to differ is read again by a cycle, which looks through the whole disk as well. */
  function lookAgainAtAll(): void {
    inbox.lookAtAll()
    inbox.poke()
    wake()
  }

  /** Node and coordinator were shown to hold the same. */
  function agreed(): void {
    if (memory.pull.belief.agreed(proof.provedAt)) {
      // Whoever waits for the folder waited for this too.
      inbox.poke()
      wake()
    }
    events.changed()
  }

  /** Resolves when the inbox, or the schedule, asks for a cycle. */
  async function somethingToDo(): Promise<void> {
    for (;;) {
      if (stopping.signal.aborted) return
      if (isPaused) {
        await woken(Infinity)
        continue
      }
      const at = now()
      if (at >= schedule.dueAt) return
      if (!inbox.isEmpty && at >= schedule.pausedUntil) return
      const until = inbox.isEmpty ? schedule.dueAt : Math.min(schedule.dueAt, schedule.pausedUntil)
      await woken(Math.min(until - at, STATE_CHECK_MS))
      if (phase.kind !== 'halted' && !hasState()) return
    }
  }

  function hasState(): boolean {
    try {
      options.checkState()
      return true
    } catch {
      return false
    }
  }

  async function woken(timeoutMs: number): Promise<void> {
    const woke = new AbortController()
    wake = () => woke.abort(new Error('woken'))
    try {
      // A timer can't be set further ahead than this; waking early is harmless.
      await sleep(Math.min(timeoutMs, 2 ** 31 - 1), woke.signal)
    } catch (error) {
      if (!woke.signal.aborted) throw error
    } finally {
      wake = () => undefined
    }
  }

  async function oneCycle(): Promise<void> {
    const due = schedule.due(now())
    if (due.whole) inbox.lookAtAll()
    if (due.again || isLookOwed) for (const hint of lookAgain) inbox.hint(hint)
    const work = inbox.take()
    const asked = settling.begin()
    const beganAt = now()
    // What grew was the wait for something that did not rest: it has just moved again.
    if (lastEventAt >= lastBeganAt) looksAgain.reset()
    lastBeganAt = beganAt
    enter(work.isWhole ? 'full-cycle-begun' : 'cycle-begun')
    try {
      options.checkState()
      const { files, transfer } = (replica ??= await open())
      const result = await attempt(work, { ...options.context, access, files, transfer, lastEventMs })
      await ended(work, result)
      const { halted, problems } = result
      if (halted !== null) settling.end(asked, { kind: 'halted', reason: halted.reason })
      else if (isBlocked(result) && !inbox.isUrgent && !isDoubtful()) settling.end(asked, { kind: 'blocked', problems })
      else if (isDone(result) && !inbox.isUrgent && !isDoubtful()) settling.end(asked, { kind: 'done', problems })
    } catch (error) {
      if (stopping.signal.aborted) return
      await failed(work, error)
      if (phase.kind === 'halted' || phase.kind === 'paused')
        settling.end(asked, { kind: 'halted', reason: phase.reason })
    }
    // It was paused while the cycle ran: whatever that came to, nothing more happens.
    if (isPaused) enter('paused', PAUSED)
    events.changed()
  }

  function isDoubtful(): boolean {
    return memory.pull.belief.isInDoubt
  }

  /** States that are not on this disk: those known here, and those of the log that were not read yet. */
  function unplaced(): number {
    if (access === 'send-only') return 0
    return state.pendingCount() + memory.pull.log.unreadAfter(state.cursor())
  }

  function lastEventMs(): number | null {
    return lastEventAt === -Infinity ? null : lastEventAt
  }

  async function open(): Promise<Replica> {
    const opened = await options.openReplica({
      onProblem(problem) {
        watchProblem = problem
        events.changed()
      },
    })
    try {
      await opened.watcher.start((hint) => {
        lastEventAt = now()
        inbox.hint(hint)
        wake()
      })
      return opened
    } catch (error) {
      await close(opened)
      throw error
    }
  }

  async function closeReplica(): Promise<void> {
    const opened = replica
    replica = undefined
    if (opened !== undefined) await close(opened)
    // Whatever it could not watch, the next one is to say anew.
    watchProblem = undefined
  }

  async function close(opened: Replica): Promise<void> {
    await opened.watcher.stop()
    await opened.transfer.forgetForeseen()
    opened.close()
  }

  async function attempt(work: InboxContents, context: CycleContext): Promise<CycleReport> {
    const { batches, directories, isWhole, mustFollow, lifted } = work
    if (lifted !== null) cycle.liftHalt(context, lifted)
    for (const batch of batches) {
      if (!isKnown(batch, state.cursor())) cycle.receive(context, batch)
    }
    // What follows the cursor is pushed while the folder is followed; asking as well is a safety net.
    const pull = !followed || isWhole || mustFollow
    const rest =
      batches.length > 0 && !pull && directories.length === 0 && lifted === null && !work.poked ? atRest() : null
    return rest ?? cycle.run(context, { directories, pull }, stopping.signal)
  }

  /**
   * What a cycle would report that has nothing to do, or null where it has:
   * what was pushed may have been this node's own doing, and all it held.
   */
  function atRest(): CycleReport | null {
    if (report === null || failure !== null || !isDone(report) || report.problems.length > 0) return null
    if (memory.owes() || state.pendingCount() > 0) return null
    return { ...report, changedAnything: false, conflicts: 0 }
  }

  async function ended(work: InboxContents, result: CycleReport): Promise<void> {
    report = result
    memory.send.unsent.left(result.pendingUp)
    // Nothing goes on between cycles: what was planned and not moved is planned again.
    counter.brokeOff()
    failure = null
    failures.reset()
    lookAgain = result.rescan
    isLookOwed = result.rescan.length > 0
    if (result.ignoreRulesChanged) {
      inbox.lookAtAll()
      // What is watched depends on the rules.
      await closeReplica()
    }
    schedule.wentWell(now(), {
      wasWhole: work.isWhole,
      sawEvents: now() - lastEventAt < BUSY_MS,
      againAfterMs: againAfter(result),
      pauseMs: result.pauseMs,
    })
    conflicts += result.conflicts
    if (work.mustFollow && isLinked) follow()
    if (result.pendingDown === 0) events.applied()
    if (result.halted !== null) {
      enter('cycle-halted', result.halted.reason)
    } else if (isDone(result)) {
      lastInSyncAt = new Date(options.context.wallNow()).toISOString()
      counter.reset()
      enter('cycle-clean')
    } else {
      enter('cycle-left-work')
    }
  }

  /** Milliseconds until the next look that nothing else asks for; sets what to look at then. */
  function againAfter(result: CycleReport): number | null {
    // Deletes wait for no longer than they must; the pause bounds what that costs.
    if (result.pauseMs > 0) return result.rescanAfterMs
    if (result.rescan.length > 0) return Math.max(result.rescanAfterMs ?? 0, looksAgain.next())
    looksAgain.reset()
    // Where the cycle names no place, everything is looked at.
    lookAgain = [WHOLE_TREE]
    if (result.rescanAfterMs !== null) return result.rescanAfterMs
    // What could not be done now (a full disk, a name that is taken) may be possible later.
    const isStuck = result.halted === null && (!isDone(result) || result.problems.length > 0)
    if (isStuck) return unfinished.next()
    unfinished.reset()
    return null
  }

  function askForMissed(): void {
    followed = false
    inbox.fallBehind()
    wake()
  }

  function follow(): void {
    followed = true
    events.follow()
  }

  async function failed(work: InboxContents, error: unknown): Promise<void> {
    // What the cycle was to look at was not looked at; what was pushed may be half taken.
    for (const hint of work.directories) inbox.hint(hint)
    if (work.batches.length > 0 || work.mustFollow) {
      followed = false
      inbox.fallBehind()
    }
    if (work.lifted !== null) inbox.lift(work.lifted)
    failure = { code: isSyncError(error) ? error.code : 'internal', message: messageOf(error) }
    counter.brokeOff()
    schedule.failed(now(), failures.next())
    if (failure.code === 'offline') enter('cycle-offline', failure.message)
    // Not permanent: it may have been resumed before this answer arrived.
    else if (failure.code === 'paused') enter('cycle-paused', PAUSED)
    else if (failure.code === 'state-missing') enter('cycle-halted', failure.message)
    else if (failure.code === 'root-missing' || failure.code === 'root-foreign') {
      enter('cycle-halted', failure.message)
      // A directory that comes back is another one to the system: what watched the old sees nothing of it.
      await closeReplica()
    } else enter('cycle-failed')
  }

  return {
    start() {
      memory.send.unsent.listen(events.changed)
      inbox.lookAtAll()
      loop = run()
      proof.start()
    },
    async stop() {
      stopping.abort(new Error('the node is stopping'))
      wake()
      await proof.stop()
      await loop
      await closeReplica()
    },
    get cursor() {
      return state.cursor()
    },
    get status() {
      return folderStatus({
        folder,
        name: options.name,
        directory: options.directory,
        access,
        phase,
        conflicts,
        cursor: state.cursor(),
        report,
        unsent: memory.send.unsent.count,
        unplaced: unplaced(),
        isScanning: memory.send.unsent.isScanning,
        failure,
        watchProblem,
        pushProblem,
        transfer: counter.snapshot(),
        work: counter.work(memory.send.unsent.count + unplaced()),
        bytesPerSecond: counter.bytesPerSecond(),
        secondsLeft: counter.secondsLeft(memory.send.unsent.count + unplaced()),
        isStalled: counter.isStalled(),
        lastInSyncAt,
        proof,
        disagreement: memory.pull.belief.disagreement,
      })
    },
    received(batch) {
      pushProblem = undefined
      inbox.push(batch)
      wake()
    },
    fellBehind(head) {
      memory.pull.log.reaches(head)
      askForMissed()
    },
    missedPush(reason) {
      pushProblem = reason
      askForMissed()
    },
    wanted(contents) {
      for (const content of contents) memory.send.wanted.add(content)
      inbox.poke()
      wake()
    },
    coming(coming, from) {
      if (access !== 'send-only' && phase.kind !== 'halted' && !isPaused) replica?.transfer.foresee(coming, from)
    },
    linkUp() {
      isLinked = true
      pushProblem = undefined
      enter('link-up')
      schedule.endPause()
      failures.reset()
      // While the link was down this machine may have slept: its watcher is not to be relied on.
      inbox.lookAtAll()
      follow()
      wake()
    },
    linkDown(reason) {
      isLinked = false
      followed = false
      enter('link-down', reason)
      // A cycle finds out whether requests still get through.
      inbox.poke()
      wake()
    },
    resume(choice) {
      const isHeld = report !== null && report.halted !== null
      // Deletes of this moment would be taken for what a person has looked at.
      if (choice === 'put-back' && !isHeld) return
      if (report !== null && isHeld) {
        // What the next cycle does about it is shown, not that it once waited.
        report = { ...report, halted: null }
        enter('lifted')
      }
      inbox.lift(choice)
      inbox.lookAtAll()
      schedule.endPause()
      wake()
    },
    setAccess(changed) {
      access = changed
      saves.forget()
      if (access === 'send-only') void replica?.transfer.forgetForeseen().catch(() => undefined)
      inbox.lookAtAll()
      wake()
    },
    setPaused(paused) {
      if (paused === isPaused) return
      isPaused = paused
      if (paused) {
        enter('paused', PAUSED)
        settling.end(settling.begin(), { kind: 'halted', reason: PAUSED })
        void replica?.transfer.forgetForeseen().catch(() => undefined)
      } else {
        enter('unpaused')
        saves.forget()
        schedule.endPause()
        failures.reset()
        inbox.lookAtAll()
        // What was pushed before the pause may have been followed by what was not.
        inbox.fallBehind()
        if (isLinked) follow()
      }
      wake()
    },
    setDeleteBrake(deleteBrake) {
      if (!memory.send.removals.setBrake(deleteBrake)) return
      // What was held back by the old one may go now, or the other way round.
      if (report !== null && report.halted !== null) inbox.lookAtAll()
      wake()
    },
    settle(signal) {
      if (isPaused) return Promise.resolve({ kind: 'halted', reason: PAUSED })
      const settled = settling.wait(signal)
      inbox.lookAtAll()
      inbox.poke()
      schedule.endPause()
      wake()
      return settled
    },
  }
}

/** True if all that is left waits for a person, as the problems say. */
function isBlocked(report: CycleReport): boolean {
  return report.pendingDown > 0 && isDone({ ...report, pendingDown: report.pendingDown - report.waitsForPerson })
}

function isDone(report: CycleReport): boolean {
  return (
    report.halted === null &&
    report.pendingUp === 0 &&
    report.pendingDown === 0 &&
    report.rescan.length === 0 &&
    report.rescanAfterMs === null &&
    !report.ignoreRulesChanged
  )
}
