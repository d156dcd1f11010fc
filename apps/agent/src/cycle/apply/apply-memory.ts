import type { EntryId } from '@causeway/protocol'
import { Arrivals } from './arrivals.ts'

const MOST_AGREED = 4096

/** What placing leaves for the next cycle. */
export class ApplyMemory {
  readonly arrivals = new Arrivals()
  readonly unplaced = new UnplacedStates()
  readonly agreed = new AgreedFiles()
  /** Entries whose files are open for writing by another program while a change from elsewhere waits, and since when. */
  readonly inUse = new Map<EntryId, number>()
  /** True if the disk had no room for some small content when last one was staged. */
  isDiskFull = false
  /** True if an earlier process, or a cycle that failed, may have placed what the base does not know of. */
  mayHoldUnknown = true

  owes(): boolean {
    return this.mayHoldUnknown
  }
}

/** What a cycle tried and could not place: entry and position. */
export class UnplacedStates {
  #last: ReadonlyMap<EntryId, number> = new Map()
  #now = new Map<EntryId, number>()

  beginCycle(): void {
    this.#last = this.#now
    this.#now = new Map()
  }

  /** True if the cycle before tried the same in vain. */
  add(id: EntryId, seq: number): boolean {
    this.#now.set(id, seq)
    return this.#last.get(id) === seq
  }
}

/** Large files whose content both sides have come to hold, oldest first: they may be edited next. */
export class AgreedFiles {
  readonly entries = new Set<EntryId>()

  add(entry: EntryId): void {
    this.entries.delete(entry)
    this.entries.add(entry)
    const [oldest] = this.entries
    if (this.entries.size > MOST_AGREED && oldest !== undefined) this.entries.delete(oldest)
  }
}
