import type {
  Access,
  DeleteBrake,
  EntryState,
  FolderId,
  FolderReport,
  HaltDecision,
  HistoryEvent,
  Coming,
  NamedBytes,
  NodeId,
  NodeTraffic,
  Patch,
  Transfer,
  VersionVector,
} from '@causeway/protocol'
import type { Log } from './ports.ts'

/** One durable commit, as the nodes that follow the folder are told of it. */
export interface CommittedChange {
  readonly folder: FolderId
  readonly epoch: string
  /** The log's head before; the change leads to `head` without a gap. */
  readonly from: number
  readonly head: number
  readonly tag: string
  readonly clock: VersionVector
  readonly states: readonly EntryState[]
  /** How many removals it holds, which the brake has counted. */
  readonly counted?: number
  /** The small contents that came with it. */
  readonly contents: readonly NamedBytes[]
  /** How large contents follow from others, where that came with it and is right. */
  readonly patches: readonly Patch[]
  /** Who made it. */
  readonly node: NodeId
}

export interface BusMessages {
  change: CommittedChange
  /** Durable events in the order of their positions. */
  events: readonly HistoryEvent[]
  /** A node came, went, or was changed. */
  node: { readonly node: NodeId }
  report: { readonly node: NodeId; readonly report: FolderReport }
  /** A person decided what becomes of what is held back: on one node, or on all (`null`). */
  'halt-settled': { readonly folder: FolderId; readonly node: NodeId | null; readonly choice: HaltDecision['choice'] }
  /** About once a second, while anything crosses. */
  traffic: readonly NodeTraffic[]
  /** What the ledger has just noted. */
  transfers: readonly Transfer[]
  access: { readonly folder: FolderId; readonly node: NodeId; readonly access: Access; readonly paused: boolean }
  /** A folder was given to a node, or taken from it; whether it carries it still is to be looked up. */
  assigned: { readonly folder: FolderId; readonly node: NodeId }
  /** A folder's brake was set anew. */
  'delete-brake': { readonly folder: FolderId; readonly deleteBrake: DeleteBrake }
  /** Somebody is sending a large content. */
  coming: { readonly folder: FolderId; readonly node: NodeId; readonly coming: Coming }
  /** Chunks are damaged: what a folder wants is to be asked for (again). */
  damage: object
  /** A node was removed: its sessions end at once. */
  revoked: { readonly node: NodeId }
}

export interface Bus {
  publish<Kind extends keyof BusMessages>(kind: Kind, message: BusMessages[Kind]): void
  /** Returns the way to stop listening. */
  subscribe<Kind extends keyof BusMessages>(kind: Kind, listener: (message: BusMessages[Kind]) => void): () => void
}

/** Hands messages on at once and in order. A listener that throws hurts nobody else: what was published is durable already. */
export function createBus(log: Log): Bus {
  const listeners: { [Kind in keyof BusMessages]: Set<(message: BusMessages[Kind]) => void> } = {
    change: new Set(),
    events: new Set(),
    node: new Set(),
    report: new Set(),
    'halt-settled': new Set(),
    traffic: new Set(),
    transfers: new Set(),
    access: new Set(),
    assigned: new Set(),
    'delete-brake': new Set(),
    coming: new Set(),
    damage: new Set(),
    revoked: new Set(),
  }
  return {
    publish(kind, message) {
      for (const listener of listeners[kind]) {
        try {
          listener(message)
        } catch (error) {
          log.error({ err: error, kind }, 'a listener of the bus failed')
        }
      }
    },
    subscribe(kind, listener) {
      listeners[kind].add(listener)
      return () => void listeners[kind].delete(listener)
    },
  }
}
