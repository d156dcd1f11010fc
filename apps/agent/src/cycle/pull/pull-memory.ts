import { Belief } from './belief.ts'
import { LogReader } from './log-reader.ts'

/** What reading the log, and comparing with the coordinator, leaves for the next time. */
export class PullMemory {
  readonly log = new LogReader()
  readonly belief = new Belief()

  owes(): boolean {
    return this.log.owes() || this.belief.owes()
  }
}
