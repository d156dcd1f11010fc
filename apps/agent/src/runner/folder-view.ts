import { isSyncError, type Access } from '@causeway/protocol'
import type { CycleReport } from '../cycle/cycle-context.ts'
import { messageOf } from '../link/json-call.ts'
import { isDone } from './cycle-results.ts'
import { FIRST_PHASE, nextPhase, type Phase, type PhaseEvent } from './folder-phase.ts'
import { folderStatus, type FolderStatus } from './folder-status.ts'
import type { IdleProof } from './idle-proof.ts'
import type { Settled } from './settling.ts'
import type { FolderRunnerOptions } from './runner-ports.ts'

export const PAUSED = 'paused by a person'

/** How waiting ends for whoever waits for a folder that a person has paused. */
export const PAUSE: Settled = { kind: 'halted', reason: PAUSED, halt: null, code: 'paused' }

/** What people are shown of a folder, and how it came to that. */
export class FolderView {
  readonly #options: FolderRunnerOptions
  #phase: Phase = FIRST_PHASE
  #report: CycleReport | null = null
  #failure: { code: string; message: string } | null = null
  #conflicts = 0
  #pushProblem: string | undefined
  #lastInSyncAt: string | null = null

  constructor(options: FolderRunnerOptions) {
    this.#options = options
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The last cycle's, unless it failed since. */
  get lastReport(): CycleReport | null {
    return this.#failure === null ? this.#report : null
  }

  get isHalted(): boolean {
    return this.#report !== null && this.#report.halted !== null
  }

  enter(event: PhaseEvent, reason = ''): void {
    this.#phase = nextPhase(this.#phase, event, reason)
    this.#options.events.changed()
  }

  cycleEnded(report: CycleReport): void {
    const { counter, context } = this.#options
    this.#report = report
    this.#failure = null
    this.#conflicts += report.conflicts
    if (report.halted !== null) {
      this.enter('cycle-halted', report.halted.reason)
    } else if (isDone(report)) {
      this.#lastInSyncAt = new Date(context.wallNow()).toISOString()
      counter.reset()
      this.enter('cycle-clean')
    } else {
      this.enter('cycle-left-work')
    }
  }

  cycleFailed(error: unknown): void {
    const code = isSyncError(error) ? error.code : 'internal'
    const message = messageOf(error)
    this.#failure = { code, message }
    if (code === 'offline') this.enter('cycle-offline', message)
    // Not permanent: it may have been resumed before this answer arrived.
    else if (code === 'paused') this.enter('cycle-paused', PAUSED)
    else if (code === 'state-missing' || isRootGone(code)) this.enter('cycle-halted', message)
    else this.enter('cycle-failed')
  }

  /** A person has decided about what was held back: what the next cycle does is shown, not that it once waited. */
  lifted(): void {
    if (this.#report !== null) this.#report = { ...this.#report, halted: null }
    this.enter('lifted')
  }

  /** Why the last message of the coordinator could not be read; `undefined` once one could. */
  pushed(problem: string | undefined): void {
    this.#pushProblem = problem
  }

  status(now: {
    readonly access: Access
    readonly watchProblem: string | undefined
    readonly proof: Pick<IdleProof, 'provedAt' | 'failure'>
  }): FolderStatus {
    const { name, directory, counter, context } = this.#options
    const { folder, state, memory } = context
    const { unsent } = memory.send
    const cursor = state.cursor()
    const unplaced = now.access === 'send-only' ? 0 : state.pendingCount() + memory.pull.log.unreadAfter(cursor)
    const left = unsent.count + unplaced
    return folderStatus({
      ...now,
      folder,
      name,
      directory,
      phase: this.#phase,
      conflicts: this.#conflicts,
      cursor,
      report: this.#report,
      unsent: unsent.count,
      unplaced,
      isScanning: unsent.isScanning,
      failure: this.#failure,
      pushProblem: this.#pushProblem,
      transfer: counter.snapshot(),
      work: counter.work(left),
      bytesPerSecond: counter.bytesPerSecond(),
      secondsLeft: counter.secondsLeft(left),
      isStalled: counter.isStalled(),
      lastInSyncAt: this.#lastInSyncAt,
      disagreement: memory.pull.belief.disagreement,
    })
  }
}

export function isRootGone(code: string): boolean {
  return code === 'root-missing' || code === 'root-foreign'
}
