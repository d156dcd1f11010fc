import { hasSeen } from '@causeway/engine'
import { SyncError, type FolderId, type HistoryEvent, type Order } from '@causeway/protocol'
import type { EventFilter } from '@causeway/store'
import type { LogPorts } from './ports.ts'

export interface Events {
  /** Events after a position, oldest first; without one, the newest, newest first. */
  list(query: {
    after?: number | undefined
    before?: number | undefined
    filter: EventFilter
    limit: number
  }): Promise<readonly HistoryEvent[]>
  /** How two events stand to each other, by what their authors had seen. Throws `not-found`, for those of hidden folders too. */
  order(a: number, b: number, isSeen?: (folder: FolderId) => boolean): Promise<Order>
  /** The newest position; 0 while there is none. */
  position(): Promise<number>
}

export function createEvents({ metadata }: Pick<LogPorts, 'metadata'>): Events {
  return {
    list: ({ after, before, filter, limit }) =>
      metadata.read((tx) => {
        return after === undefined ? tx.eventsBefore(before, filter, limit) : tx.eventsAfter(after, filter, limit)
      }),
    order: (positionA, positionB, isSeen = () => true) =>
      metadata.read(async (tx) => {
        const seen = async (position: number): Promise<HistoryEvent | undefined> => {
          const event = await tx.event(position)
          return event !== undefined && isSeen(event.folder) ? event : undefined
        }
        const a = await seen(positionA)
        const b = await seen(positionB)
        if (a === undefined || b === undefined) {
          throw new SyncError('not-found', `there is no event ${a === undefined ? positionA : positionB}`)
        }
        return orderOf(a, b)
      }),
    position: () => metadata.read(async (tx) => (await tx.eventsBefore(undefined, {}, 1))[0]?.position ?? 0),
  }
}

/** `before` if b's author had seen a. Folders have clocks of their own: between them nothing is before anything. */
function orderOf(a: HistoryEvent, b: HistoryEvent): Order {
  if (a.folder !== b.folder) return 'concurrent'
  if (a.node === b.node && a.counter === b.counter) return 'equal'
  if (hasSeen(b.clock, a)) return 'before'
  return hasSeen(a.clock, b) ? 'after' : 'concurrent'
}
