import { isSyncError, type Access } from '@causeway/protocol'
import { systemRandom } from '@causeway/time'
import type { CycleContext, CycleReport } from '../cycle/cycle-context.ts'
import { proveIdle } from '../cycle/pull/prove-idle.ts'
import { isBlocked, isDone } from './cycle-results.ts'
import { createFolderInbox, isKnown, type InboxContents } from './folder-inbox.ts'
import { isRootGone, PAUSED, type FolderView } from './folder-view.ts'
import { holdReplica, type HeldReplica } from './held-replica.ts'
import { createIdleProof, PROOF_PACE, type IdleProof } from './idle-proof.ts'
import { createPace } from './pace.ts'
import type { FolderRunnerOptions } from './runner-ports.ts'
import { createSettling } from './settling.ts'
import { createWaker } from './waker.ts'

/** A state directory that was removed is noticed after this long, whatever else happens. */
const STATE_CHECK_MS = 3_000

/** Runs a folder's cycles, one at a time, when its inbox or its pace asks for one. */
export class FolderLoop {
  readonly inbox = createFolderInbox()
  readonly settling = createSettling()
  readonly pace: ReturnType<typeof createPace>
  readonly replica: HeldReplica
  readonly proof: IdleProof
  access: Access
  isPaused = false
  readonly #options: FolderRunnerOptions
  readonly #view: FolderView
  readonly #waker: ReturnType<typeof createWaker>
  readonly #stopping = new AbortController()
  #isCycling = false
  #isLinked = false
  #isFollowed = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: FolderRunnerOptions, view: FolderView) {
    const { context, sleep, random = systemRandom.fraction, events } = options
    this.#options = options
    this.#view = view
    this.#waker = createWaker(sleep)
    this.access = context.access
    this.pace = createPace({ now: context.now, random })
    this.replica = holdReplica({
      openReplica: (watching) => options.openReplica(watching),
      onHint: (hint) => {
        this.inbox.hint(hint)
        this.wake()
      },
      onProblem: () => events.changed(),
      now: context.now,
    })
    this.proof = createIdleProof({
      prove: (shown, signal) => proveIdle(context, { shown, isAtRest: () => this.#isAtRest() }, signal),
      isAtRest: () => this.#isAtRest(),
      onDoubt: () => this.#lookAgainAtAll(),
      onProof: () => this.#agreed(),
      sleep,
      now: context.wallNow,
      random,
      pace: options.proofPace ?? PROOF_PACE,
    })
  }

  start(): void {
    this.inbox.lookAtAll()
    this.#running = this.#run()
    this.proof.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the node is stopping'))
    this.wake()
    await this.proof.stop()
    await this.#running
    await this.replica.close()
  }

  wake(): void {
    this.#waker.wake()
  }

  linked(): void {
    this.#isLinked = true
    this.#follow()
  }

  unlinked(): void {
    this.#isLinked = false
    this.#isFollowed = false
  }

  /** What was not pushed, or not read, is asked for; after that, the log is followed again. */
  askForMissed(): void {
    this.#isFollowed = false
    this.inbox.fallBehind()
    this.wake()
  }

  /** What was pushed before a pause may have been followed by what was not. */
  followAgain(): void {
    this.inbox.fallBehind()
    if (this.#isLinked) this.#follow()
  }

  #follow(): void {
    this.#isFollowed = true
    this.#options.events.follow()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#somethingToDo()
      if (this.#stopping.signal.aborted) return
      this.#isCycling = true
      await this.#oneCycle()
      this.#isCycling = false
      this.proof.rested()
    }
  }

  #isAtRest(): boolean {
    return this.#isLinked && !this.isPaused && !this.#isCycling && this.inbox.isEmpty
  }

  /** What was found to differ is read again by a cycle, which looks through the whole disk as well. */
  #lookAgainAtAll(): void {
    this.inbox.lookAtAll()
    this.inbox.poke()
    this.wake()
  }

  /** Node and coordinator were shown to hold the same. */
  #agreed(): void {
    if (this.#options.context.memory.pull.belief.agreed(this.proof.provedAt)) {
      // Whoever waits for the folder waited for this too.
      this.inbox.poke()
      this.wake()
    }
    this.#options.events.changed()
  }

  /** Resolves when the inbox, or the pace, asks for a cycle. */
  async #somethingToDo(): Promise<void> {
    for (;;) {
      if (this.#stopping.signal.aborted) return
      if (this.isPaused) {
        await this.#waker.wait(Infinity)
        continue
      }
      const dueInMs = this.pace.dueInMs(!this.inbox.isEmpty)
      if (dueInMs === 0) return
      await this.#waker.wait(Math.min(dueInMs, STATE_CHECK_MS))
      if (this.#view.phase.kind !== 'halted' && !this.#hasState()) return
    }
  }

  #hasState(): boolean {
    try {
      this.#options.checkState()
      return true
    } catch {
      return false
    }
  }

  async #oneCycle(): Promise<void> {
    const { inbox, settling } = this
    const view = this.#view
    const due = this.pace.begin(this.replica.lastEventMs)
    if (due.whole) inbox.lookAtAll()
    for (const hint of due.again) inbox.hint(hint)
    const work = inbox.take()
    const asked = settling.begin()
    view.enter(work.isWhole ? 'full-cycle-begun' : 'cycle-begun')
    try {
      this.#options.checkState()
      const report = await this.#attempt(work, await this.#context())
      await this.#ended(work, report)
      const isMore = inbox.isUrgent || this.#options.context.memory.pull.belief.isInDoubt
      const { halted, problems } = report
      if (halted !== null) settling.end(asked, { kind: 'halted', reason: halted.reason, halt: halted, code: 'halted' })
      else if (isBlocked(report) && !isMore) settling.end(asked, { kind: 'blocked', problems })
      else if (isDone(report) && !isMore) settling.end(asked, { kind: 'done', problems })
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      await this.#failed(work, error)
      const { kind, reason } = view.phase
      if (kind === 'halted' || kind === 'paused') {
        const code = kind === 'paused' || !isSyncError(error) ? kind : error.code
        settling.end(asked, { kind: 'halted', reason, halt: null, code })
      }
    }
    // It was paused while the cycle ran: whatever that came to, nothing more happens.
    if (this.isPaused) view.enter('paused', PAUSED)
    this.#options.events.changed()
  }

  async #context(): Promise<CycleContext> {
    const { files, transfer } = await this.replica.open()
    const lastEventMs = (): number | null => this.replica.lastEventMs
    return { ...this.#options.context, access: this.access, files, transfer, lastEventMs }
  }

  async #attempt(work: InboxContents, context: CycleContext): Promise<CycleReport> {
    const { batches, directories, isWhole, mustFollow, lifted } = work
    const { cycle } = this.#options
    if (lifted !== null) cycle.liftHalt(context, lifted)
    for (const batch of batches) {
      if (!isKnown(batch, context.state.cursor())) cycle.receive(context, batch)
    }
    // What follows the cursor is pushed while the folder is followed; asking as well is a safety net.
    const pull = !this.#isFollowed || isWhole || mustFollow
    const isAllPushed = batches.length > 0 && !pull && directories.length === 0 && lifted === null && !work.poked
    return (isAllPushed ? this.#atRest() : null) ?? cycle.run(context, { directories, pull }, this.#stopping.signal)
  }

  /**
   * What a cycle would report that has nothing to do, or null where it has:
   * what was pushed may have been this node's own doing, and all it held.
   */
  #atRest(): CycleReport | null {
    const report = this.#view.lastReport
    const { memory, state } = this.#options.context
    if (report === null || !isDone(report) || report.problems.length > 0) return null
    if (memory.owes() || state.pendingCount() > 0) return null
    return { ...report, changedAnything: false, conflicts: 0 }
  }

  async #ended(work: InboxContents, report: CycleReport): Promise<void> {
    const { context, counter, events } = this.#options
    context.memory.send.unsent.left(report.pendingUp)
    // Nothing goes on between cycles: what was planned and not moved is planned again.
    counter.brokeOff()
    if (report.ignoreRulesChanged) {
      this.inbox.lookAtAll()
      // What is watched depends on the rules.
      await this.replica.close()
    }
    this.pace.ended(report, { wasWhole: work.isWhole, lastEventMs: this.replica.lastEventMs })
    if (work.mustFollow && this.#isLinked) this.#follow()
    if (report.pendingDown === 0) events.applied()
    this.#view.cycleEnded(report)
  }

  async #failed(work: InboxContents, error: unknown): Promise<void> {
    // What the cycle was to look at was not looked at; what was pushed may be half taken.
    for (const hint of work.directories) this.inbox.hint(hint)
    if (work.batches.length > 0 || work.mustFollow) {
      this.#isFollowed = false
      this.inbox.fallBehind()
    }
    if (work.lifted !== null) this.inbox.lift(work.lifted)
    this.#options.counter.brokeOff()
    this.pace.failed()
    this.#view.cycleFailed(error)
    // A directory that comes back is another one to the system: what watched the old sees nothing of it.
    if (isSyncError(error) && isRootGone(error.code)) await this.replica.close()
  }
}
