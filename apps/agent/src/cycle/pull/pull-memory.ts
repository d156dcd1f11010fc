import { Belief } from './belief.ts'
import { LogReader } from './log-reader.ts'

/** What reading the log, and comparing with the coordinator, leaves for the next time. */
export class PullMemory {
  readonly log: LogReader
  readonly belief = new Belief()

  constructor(settings: ConstructorParameters<typeof LogReader>[0]) {
    this.log = new LogReader(settings)
  }

  owes(): boolean {
    return this.log.owes() || this.belief.owes()
  }
}
