import { counterOf, withDot } from '@causeway/engine'
import { COORDINATOR_ID, type Actor, type Decision, type EventKind, type HistoryEvent } from '@causeway/protocol'
import type { FolderRow, FolderWrites, MetadataWriter } from '@causeway/store'
import type { LogPorts } from './ports.ts'

export interface Noted {
  readonly kind: EventKind
  readonly reason: string
  /** Who caused it. */
  readonly actor: Actor
  readonly decision?: Decision
  /** Open conflicts that this ends. */
  readonly settled?: FolderWrites['settled']
  /** Conflicts that are open from now on. */
  readonly conflicts?: FolderWrites['conflicts']
  /** As in `FolderWrites`. */
  readonly halted?: string | null
}

/** Appends an event of the coordinator's own to a folder's history; no entry changes by it. */
export async function noteEvent(
  tx: MetadataWriter,
  folder: FolderRow,
  at: string,
  { kind, reason, actor, decision = 'noted', settled = [], conflicts = [], halted }: Noted,
): Promise<readonly HistoryEvent[]> {
  const counter = counterOf(folder.clock, COORDINATOR_ID) + 1
  const clock = withDot(folder.clock, COORDINATOR_ID, counter)
  return tx.applyFolderWrites({
    folder: folder.id,
    decidedOn: folder.revision,
    head: folder.head,
    tag: folder.tag,
    clock,
    at,
    states: [],
    versions: [],
    events: [
      {
        folder: folder.id,
        node: COORDINATOR_ID,
        counter,
        clock,
        kind,
        entry: null,
        path: null,
        pathBefore: null,
        actor,
        decision,
        reason,
        seq: 0,
        entries: 0,
        sizeBytes: null,
        at,
      },
    ],
    aliases: [],
    conflicts,
    settled,
    outcomes: [],
    ...(halted !== undefined && { halted }),
  })
}

/** Says that events were noted, once they are durable. */
export function announceEvents(
  { signals, observe }: Pick<LogPorts, 'signals' | 'observe'>,
  events: readonly HistoryEvent[],
): void {
  if (events.length === 0) return
  observe.noted(events)
  signals.publish('events', {})
}
