import type { ChangeBatch, ChunkId, ContentHash, NodeId, PeersGave, VersionVector } from '@causeway/protocol'
import type { ContentsObserver, Crossing } from '@causeway/contents'
import type { Hop, LogObserver } from '@causeway/log'

/** As much of a TCP socket as is counted. */
export interface CountedSocket {
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly destroyed: boolean
}

/** Hears what crosses between this coordinator and others, and measures. */
export interface WireObserver {
  /** Bytes of a body or a message. */
  received(bytes: number): void
  sent(bytes: number): void
  /** A request of this node came over this socket: what crosses it from now on is the node's. */
  requested(node: NodeId, socket: CountedSocket): void
  /** The node's link stands, from now on. */
  linked(node: NodeId): void
  /** How long a message to the node and back took. */
  roundTrip(node: NodeId, milliseconds: number): void
  /** A node says how long saves took there, until it had its answer. */
  saved(node: NodeId, tookMs: readonly number[]): void
  /** A node was sent a batch in a message of so many bytes; `seen` is what it had seen before. */
  told(
    batch: ChangeBatch,
    to: { readonly node: NodeId; readonly seen: VersionVector; readonly wireBytes: number },
  ): void
  /** The node has everything up to `seq` on its disk. */
  applied(node: NodeId, folder: Hop['folder'], seq: number): void
  /** A chunk went to a node, perhaps before it was told what it belongs to. */
  chunkSent(hop: Hop, chunk: ChunkId, crossing: Crossing): void
  /** A delta for a large content, or (with no crossing) its chunk list, went to a node. */
  contentSent(
    hop: Hop,
    content: ContentHash,
    bytes: { readonly crossing?: Crossing; readonly listBytes?: number },
  ): void
  /** A node says what it received of a content from another node. */
  peerGave(hop: Hop, content: ContentHash, gift: PeersGave['got'][number]): void
}

export interface Observer extends LogObserver, ContentsObserver, WireObserver {}

/** What those who act tell, and those who measure hear. */
export interface Observations {
  readonly tell: Observer
  /** Hears of everything from now on. */
  subscribe(observer: Partial<Observer>): void
}

export function createObservations(): Observations {
  const observers: Partial<Observer>[] = []
  const all = (hear: (observer: Partial<Observer>) => void): void => observers.forEach(hear)
  return {
    subscribe: (observer) => void observers.push(observer),
    tell: {
      durable: (commit) => all((one) => one.durable?.(commit)),
      fannedOut: (milliseconds) => all((one) => one.fannedOut?.(milliseconds)),
      noted: (events) => all((one) => one.noted?.(events)),
      committed: (commit) => all((one) => one.committed?.(commit)),
      chunkReceived: (hop, chunk, crossing) => all((one) => one.chunkReceived?.(hop, chunk, crossing)),
      received: (bytes) => all((one) => one.received?.(bytes)),
      sent: (bytes) => all((one) => one.sent?.(bytes)),
      requested: (node, socket) => all((one) => one.requested?.(node, socket)),
      linked: (node) => all((one) => one.linked?.(node)),
      roundTrip: (node, milliseconds) => all((one) => one.roundTrip?.(node, milliseconds)),
      saved: (node, tookMs) => all((one) => one.saved?.(node, tookMs)),
      told: (batch, to) => all((one) => one.told?.(batch, to)),
      applied: (node, folder, seq) => all((one) => one.applied?.(node, folder, seq)),
      chunkSent: (hop, chunk, crossing) => all((one) => one.chunkSent?.(hop, chunk, crossing)),
      contentSent: (hop, content, bytes) => all((one) => one.contentSent?.(hop, content, bytes)),
      peerGave: (hop, content, gift) => all((one) => one.peerGave?.(hop, content, gift)),
    },
  }
}
