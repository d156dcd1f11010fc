import type { Coming, FolderId, FolderReport, HaltDecision, NodeId, NodeTraffic, Transfer } from '@causeway/protocol'
import { createTopics, type Log, type Topics } from '@causeway/log'

/** What is of use only while it is new, and is stored nowhere: if it is lost, nothing is wrong for long. */
export interface BroadcastMessages {
  /** What a node says of a folder; it says it again whenever that changes. */
  report: { readonly node: NodeId; readonly report: FolderReport }
  /** A person decided what becomes of what is held back: on one node, or on all (`null`). */
  'halt-settled': { readonly folder: FolderId; readonly node: NodeId | null; readonly choice: HaltDecision['choice'] }
  /** About once a second, while anything crosses. */
  traffic: readonly NodeTraffic[]
  /** What the ledger has just noted. */
  transfers: readonly Transfer[]
  /** Somebody is sending a large content. */
  coming: { readonly folder: FolderId; readonly node: NodeId; readonly coming: Coming }
}

export type Broadcasts = Topics<BroadcastMessages>

export function createBroadcasts(log: Log): Broadcasts {
  return createTopics<BroadcastMessages>(
    { report: new Set(), 'halt-settled': new Set(), traffic: new Set(), transfers: new Set(), coming: new Set() },
    log,
  )
}
