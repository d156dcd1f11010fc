import type { ContentHash } from '@causeway/protocol'
import { RefusedOperations } from './refused-operations.ts'
import { RemovalHold } from './removal-hold.ts'
import { Reoffers } from './reoffers.ts'
import { QuotaHold, RoomHold } from './room-hold.ts'
import { UnsentChanges } from './unsent-changes.ts'

/** What sending leaves for the next cycle. */
export class SendMemory {
  readonly removals = new RemovalHold()
  readonly refused = new RefusedOperations()
  /** Whole sizes that the coordinator's disk has no room for. */
  readonly room = new RoomHold('no-room')
  /** What a limit of the folder or of this node keeps waiting. */
  readonly quota = new QuotaHold()
  readonly reoffers = new Reoffers()
  readonly unsent = new UnsentChanges()
  /** Contents whose chunks the coordinator has lost and asks for. */
  readonly wanted = new Set<ContentHash>()

  owes(): boolean {
    return !this.reoffers.isEmpty || this.wanted.size > 0
  }
}
