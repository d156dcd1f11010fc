import type { RelativePath } from '@causeway/replica'
import type { Disagreement } from './disagreement.ts'

/** What came of comparing what node and coordinator believe a folder to hold. */
export class Belief {
  #doubted: ReadonlySet<number> | null = null
  #mustRecount = false
  #disagreement: Disagreement | null = null

  /** The buckets of the digest in which the two turned out to differ, until a cycle has read them again. */
  get doubted(): ReadonlySet<number> | null {
    return this.#doubted
  }

  /** True if the coordinator is to sum up again before it compares. */
  get mustRecount(): boolean {
    return this.#mustRecount
  }

  /** The last time that the two did not believe the same. */
  get disagreement(): Disagreement | null {
    return this.#disagreement
  }

  /** True until what differs was read again, and both were shown to agree. */
  get isInDoubt(): boolean {
    return this.#doubted !== null || (this.#disagreement !== null && this.#disagreement.settledAt === null)
  }

  compared(): void {
    this.#mustRecount = false
  }

  doubt(buckets: ReadonlySet<number>): void {
    this.#doubted = buckets
  }

  /** The sums differ, and no entry does. */
  sumsAreWrong(): void {
    this.#mustRecount = true
  }

  readAgain(): void {
    this.#doubted = null
  }

  /** What was read again differed in so many entries, or could not be read. */
  differed(found: {
    readonly entries: number
    readonly example?: RelativePath | undefined
    readonly failure: string | null
    readonly at: string
  }): void {
    const last = this.#disagreement
    const before = last === null || last.settledAt !== null ? null : last
    const { entries, example = '', failure, at } = found
    this.#disagreement = {
      entries: Math.max(entries, before?.entries ?? 0),
      example: example === '' && before !== null ? before.example : example,
      foundAt: before?.foundAt ?? at,
      rounds: (before?.rounds ?? 0) + 1,
      failure,
      settledAt: null,
    }
  }

  /** Both were shown to believe the same. True if they did not before. */
  agreed(at: string | null): boolean {
    if (this.#disagreement === null || this.#disagreement.settledAt !== null) return false
    this.#disagreement = { ...this.#disagreement, settledAt: at }
    return true
  }

  owes(): boolean {
    return this.#doubted !== null
  }
}
