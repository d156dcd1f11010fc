import type { Cursor, EntryState } from '@causeway/protocol'
import type { ReplicaState } from '@causeway/replica'
import { keepReading, keptReading } from './kept-reading.ts'
import { nextReading, type LogReading, type ReadingEvent } from './log-reading.ts'
import { PageForms } from './page-forms.ts'

/** How far this node has read the change log, and how it goes on: over a restart, too. */
export class LogReader {
  readonly pages = new PageForms()
  readonly #settings: Pick<ReplicaState, 'setting' | 'putSetting'>
  #reading: LogReading
  /** True until what the coordinator lost was given back: a restart finds out again what that is. */
  #isRestoring: boolean
  #isInterrupted: boolean
  #head = 0

  constructor(settings: Pick<ReplicaState, 'setting' | 'putSetting'>) {
    this.#settings = settings
    this.#reading = keptReading(settings)
    this.#isRestoring = this.isRereading
    this.#isInterrupted = this.isRereading
  }

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

  /** True if an earlier process was reading the log again, or giving back what was lost, and this one has not begun to. */
  get isInterrupted(): boolean {
    return this.#isInterrupted
  }

  /** True if each state is to be asked for whole. */
  get asksInFull(): boolean {
    return this.#reading.kind === 'rereading' || (this.#reading.kind === 'behind' && this.#reading.full)
  }

  /** `known` goes with `set-back`. */
  note(event: ReadingEvent, known?: readonly EntryState[]): void {
    const next = nextReading(this.#reading, event, known)
    if (event === 'set-back') {
      this.#isInterrupted = false
      this.#isRestoring = true
    }
    if (next === this.#reading) return
    this.#reading = next
    if (this.isRereading || !this.#isRestoring) keepReading(this.#settings, next)
  }

  /** What the coordinator lost was given back, or given up. */
  restored(): void {
    if (!this.#isRestoring || this.isRereading) return
    this.#isRestoring = false
    keepReading(this.#settings, this.#reading)
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
