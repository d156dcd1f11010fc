import type { Coming, FolderId, FolderReport, HaltDecision, NodeId, NodeTraffic, Transfer } from '@causeway/protocol'
import { createTopics, type Log, type Topics } from '@causeway/log'

/** Names one run of one coordinator among all that serve the same store. */
export type Speaker = string

/** What is of use only while it is new, and is stored nowhere: if it is lost, nothing is wrong for long. */
export interface BroadcastMessages {
  /** What a node says of a folder; it says it again whenever that changes. */
  report: { readonly from: Speaker; readonly node: NodeId; readonly report: FolderReport }
  /** A node came to be linked to a coordinator, or is so no more. */
  linked: { readonly from: Speaker; readonly node: NodeId; readonly isLinked: boolean }
  /** All that are linked to a coordinator: said now and then, and whenever another asks. */
  'all-linked': { readonly from: Speaker; readonly nodes: readonly NodeId[] }
  /** A coordinator has just begun to hear, and asks who is linked to the others. */
  'who-is-linked': { readonly from: Speaker }
  /** A person decided what becomes of what is held back: on one node, or on all (`null`). */
  'halt-settled': { readonly folder: FolderId; readonly node: NodeId | null; readonly choice: HaltDecision['choice'] }
  /** About once a second, while anything crosses between a coordinator and its nodes. */
  traffic: { readonly from: Speaker; readonly nodes: readonly NodeTraffic[] }
  /** What the ledger has just noted. */
  transfers: readonly Transfer[]
  /** Somebody is sending a large content. */
  coming: { readonly folder: FolderId; readonly node: NodeId; readonly coming: Coming }
}

export type Broadcasts = Topics<BroadcastMessages>

type Listeners = Parameters<typeof createTopics<BroadcastMessages>>[0]

/** Within this process alone. */
export function createBroadcasts(log: Log): Broadcasts {
  const listeners: Listeners = {
    report: new Set(),
    linked: new Set(),
    'all-linked': new Set(),
    'who-is-linked': new Set(),
    'halt-settled': new Set(),
    traffic: new Set(),
    transfers: new Set(),
    coming: new Set(),
  }
  return createTopics<BroadcastMessages>(listeners, log)
}
