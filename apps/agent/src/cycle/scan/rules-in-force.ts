import { createIgnoreRules, type IgnoreRules } from '@causeway/engine'
import { isSame, type Stat } from '@causeway/replica'

/** The ignore rules in force, and the file they were read from. */
export class RulesInForce {
  #rules: IgnoreRules = createIgnoreRules(null)
  #stat: Stat | undefined
  #isRead = false

  isIgnored(path: string, kind: Stat['kind']): boolean {
    return kind !== 'other' && this.#rules.isIgnored(path, kind)
  }

  get problems(): IgnoreRules['problems'] {
    return this.#rules.problems
  }

  /** True if there was a file to read them from. */
  get isFromFile(): boolean {
    return this.#stat !== undefined
  }

  /** True if they were read from this very file; `undefined` is none. */
  areOf(stat: Stat | undefined): boolean {
    if (!this.#isRead) return false
    return stat === undefined || this.#stat === undefined ? stat === this.#stat : isSame(this.#stat, stat)
  }

  replace(rules: IgnoreRules, stat: Stat | undefined): void {
    this.#rules = rules
    this.#stat = stat
    this.#isRead = true
  }
}
