import type { Access, ChangeBatch, Coming, Cursor, DeleteBrake, ContentHash, NodeId } from '@causeway/protocol'
import type { Files, Watcher } from '@causeway/replica'
import type { CycleContext, CycleReport, HaltChoice, ScanScope } from '../cycle/cycle-context.ts'
import type { Sleep } from '../link/backoff.ts'
import type { ProgressListener, Transfer } from '../ports.ts'
import type { FolderStatus } from './folder-status.ts'
import type { ProofPace } from './idle-proof.ts'
import type { ProgressCounter } from './progress.ts'
import type { Settled } from './settling.ts'

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
  wanted(contents: readonly ContentHash[]): void
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
