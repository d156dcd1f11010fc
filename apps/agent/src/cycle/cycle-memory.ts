import type { ReplicaState } from '@causeway/replica'
import { ApplyMemory } from './apply/apply-memory.ts'
import { PullMemory } from './pull/pull-memory.ts'
import { ScanMemory } from './scan/scan-memory.ts'
import { SendMemory } from './send/send-memory.ts'

/**
 * What one folder's cycles remember of each other while the process lives,
 * by the room whose it is. Losing it costs time, never data; how far the log
 * was read is kept in the state as well.
 */
export class CycleMemory {
  readonly scan = new ScanMemory()
  readonly pull: PullMemory
  readonly send = new SendMemory()
  readonly apply = new ApplyMemory()

  constructor(settings: Pick<ReplicaState, 'setting' | 'putSetting'>) {
    this.pull = new PullMemory(settings)
  }

  /** True if a cycle is to run although nothing came. */
  owes(): boolean {
    return [this.scan, this.pull, this.send, this.apply].some((room) => room.owes())
  }
}
