import type { Cursor, EntryState } from '@causeway/protocol'
import { LIVE, nextReading, type LogReading, type ReadingEvent } from './log-reading.ts'
import { PageForms } from './page-forms.ts'

/** How far this node has read the change log, and how it goes on. */
export class LogReader {
  readonly pages = new PageForms()
  #reading: LogReading = LIVE
  #head = 0

  /** How this node stands to the log. */
  get reading(): LogReading {
    return this.#reading
  }

  get isLive(): boolean {
    return this.#reading.kind === 'live'
  }

  get isRereading(): boolean {
    return this.#reading.kind === 'rereading'
  }

  /** True if each state is to be asked for whole. */
  get asksInFull(): boolean {
    return this.#reading.kind === 'rereading' || (this.#reading.kind === 'behind' && this.#reading.full)
  }

  note(event: ReadingEvent, known?: readonly EntryState[]): void {
    this.#reading = nextReading(this.#reading, event, known)
  }

  /** The log is known to reach this far. */
  reaches(head: number): void {
    this.#head = head
  }

  /** How many positions are known of that were not read yet. */
  unreadAfter({ seq }: Cursor): number {
    return this.isRereading ? 0 : Math.max(0, this.#head - seq)
  }

  owes(): boolean {
    return !this.isLive
  }
}
