import { directoryOf } from '@causeway/engine'
import type { RelativePath, ScanResult } from '@causeway/replica'
import type { Problem } from '../problem.ts'
import { RulesInForce } from './rules-in-force.ts'

/** What one look at the disk leaves for the next. */
export class ScanMemory {
  readonly rules = new RulesInForce()
  readonly #problems = new Map<RelativePath, Problem>()
  #unlooked: readonly RelativePath[] = []
  #isLookOwed = false

  /** What scans came across, until the place is looked at again. */
  get problems(): Iterable<Problem> {
    return this.#problems.values()
  }

  /** Directories that were moved and not looked into: empty between cycles, unless one broke off. */
  get unlooked(): readonly RelativePath[] {
    return this.#unlooked
  }

  /** The disk was looked at, but for what was put off. */
  looked({ looked, problems, deferred }: Pick<ScanResult, 'looked' | 'problems' | 'deferred'>): void {
    for (const path of this.#problems.keys()) {
      if (looked.has(directoryOf(path)) || looked.has(path)) this.#problems.delete(path)
    }
    for (const { path, reason } of problems) {
      this.#problems.set(path, { path, code: reason, message: `can't be synced: ${reason}` })
    }
    this.#unlooked = deferred
  }

  /** The base was made to forget what is on the disk: it is to be found there again. */
  lookAround(): void {
    this.#isLookOwed = true
  }

  /** True if everything is to be looked at again. */
  takeLookAround(): boolean {
    const isOwed = this.#isLookOwed
    this.#isLookOwed = false
    return isOwed
  }

  owes(): boolean {
    return this.#unlooked.length > 0 || this.#isLookOwed
  }
}
