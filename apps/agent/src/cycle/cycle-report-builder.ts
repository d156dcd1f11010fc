import { pauseWhileRemoving } from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import type { RelativePath, WatchHint } from '@causeway/replica'
import type { CycleReport, Halt } from './cycle-context.ts'
import type { Problem } from './problem.ts'

/** Takes down what a cycle comes across, for its report. */
export class CycleReportBuilder {
  /** One of a kind for each path, however often it was tried. */
  readonly #problems = new Map<string, Problem>()
  /** What the disk has no room for as things stand: what is done meanwhile may make some. */
  readonly lackingRoom = new Map<EntryId, Problem>()
  readonly #paths = new Set<RelativePath>()
  readonly #rescan = new Map<RelativePath, WatchHint>()
  #rescanAfterMs: number | null = null
  /** For how long deletes wait in case that more follow. */
  #waitMs: number | null = null
  readonly #now: () => number
  readonly #beganMs: number
  halted: Halt | null = null
  conflicts = 0
  unsent = 0
  /** States that stay pending until a person has done something. */
  waitsForPerson = 0
  changedAnything = false
  ignoreRulesChanged = false

  constructor(now: () => number) {
    this.#now = now
    this.#beganMs = now()
  }

  problem(path: RelativePath, code: string, message: string): void {
    this.#paths.add(path)
    this.#problems.set(`${code} ${path}`, { path, code, message })
  }

  hasProblem(path: RelativePath): boolean {
    return this.#paths.has(path)
  }

  /** Asks for another look at a directory, no later than `afterMs` from now. */
  lookAgain(directory: RelativePath, afterMs: number, recursive = false): void {
    this.#rescan.set(directory, { directory, recursive: recursive || this.#rescan.get(directory)?.recursive === true })
    this.#rescanAfterMs = Math.min(this.#rescanAfterMs ?? afterMs, afterMs)
  }

  /** More may be about to be removed: nobody need look before that is over. */
  removalsWait(waitMs: number): void {
    this.#waitMs = waitMs
  }

  report(pendingDown: number): CycleReport {
    return {
      changedAnything: this.changedAnything,
      pendingUp: this.unsent,
      pendingDown,
      problems: [...this.#problems.values(), ...this.lackingRoom.values()],
      halted: this.halted,
      conflicts: this.conflicts,
      rescan: [...this.#rescan.values()],
      rescanAfterMs: this.#rescanAfterMs,
      waitsForPerson: this.waitsForPerson,
      pauseMs: this.#waitMs === null ? 0 : pauseWhileRemoving(this.#waitMs, this.#now() - this.#beganMs),
      ignoreRulesChanged: this.ignoreRulesChanged,
    }
  }
}
