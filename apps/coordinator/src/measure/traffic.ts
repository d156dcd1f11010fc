import { LIMITS, type NodeId, type NodeTraffic } from '@causeway/protocol'
import type { CountedSocket } from '../ports/observations.ts'

/**
 * What crosses between the coordinator and each node, counted at the sockets:
 * headers and framing included, the bytes of TCP and below not.
 */
export interface Traffic {
  /** A request of this node came over this socket: what crosses it from now on is the node's. */
  attach(socket: CountedSocket, node: NodeId): void
  /** How long a message to the node and back took. */
  roundTrip(node: NodeId, milliseconds: number): void
  /** One node gave another so much, by the other's word. */
  peerGave(giver: NodeId, taker: NodeId, bytes: number): void
  /** What crossed since the last call, by node; nodes to which nothing did, and lately none gave anything, are left out. */
  sample(): readonly NodeTraffic[]
}

interface Counted {
  readonly socket: CountedSocket
  node: NodeId
  read: number
  written: number
}

/** So long a link between two nodes is shown after the last bytes. */
const LINK_SHOWN_MS = 30_000

interface Gift {
  bytes: number
  lastMs: number
}

interface Sum {
  up: number
  down: number
}

export function createTraffic(now: () => number): Traffic {
  const sockets = new Map<CountedSocket, Counted>()
  const sums = new Map<NodeId, Sum>()
  const roundTrips = new Map<NodeId, number>()
  const told = new Set<NodeId>()
  /** By taker, then by giver. */
  const gifts = new Map<NodeId, Map<NodeId, Gift>>()
  let sampledAt = now()

  function count(counted: Counted): void {
    const { socket, node } = counted
    const sum = sums.get(node) ?? { up: 0, down: 0 }
    sum.up += socket.bytesRead - counted.read
    sum.down += socket.bytesWritten - counted.written
    counted.read = socket.bytesRead
    counted.written = socket.bytesWritten
    sums.set(node, sum)
  }

  /** Those of a taker, as rates; what is long over is forgotten. */
  function giftsOf(taker: NodeId, seconds: number): NonNullable<NodeTraffic['fromPeers']> {
    const own = gifts.get(taker) ?? new Map<NodeId, Gift>()
    const rates = [...own].map(([node, { bytes }]) => ({ node, bytesPerSecond: bytes / seconds }))
    for (const [giver, gift] of own) {
      gift.bytes = 0
      if (now() - gift.lastMs >= LINK_SHOWN_MS) own.delete(giver)
    }
    if (own.size === 0) gifts.delete(taker)
    return rates.toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond).slice(0, LIMITS.peersPerAnswer)
  }

  return {
    attach(socket, node) {
      const counted = sockets.get(socket)
      if (counted === undefined) sockets.set(socket, { socket, node, read: 0, written: 0 })
      else if (counted.node !== node) {
        count(counted)
        counted.node = node
      }
    },
    roundTrip: (node, milliseconds) => void roundTrips.set(node, milliseconds),
    peerGave(giver, taker, bytes) {
      const own = gifts.get(taker) ?? new Map<NodeId, Gift>()
      gifts.set(taker, own)
      own.set(giver, { bytes: (own.get(giver)?.bytes ?? 0) + bytes, lastMs: now() })
    },
    sample() {
      const seconds = Math.max(0.001, (now() - sampledAt) / 1000)
      sampledAt = now()
      for (const counted of sockets.values()) {
        count(counted)
        if (counted.socket.destroyed) sockets.delete(counted.socket)
      }
      for (const taker of gifts.keys()) if (!sums.has(taker)) sums.set(taker, { up: 0, down: 0 })
      const moved = [...sums].filter(([node, { up, down }]) => up > 0 || down > 0 || told.has(node) || gifts.has(node))
      sums.clear()
      told.clear()
      return moved.map(([node, { up, down }]): NodeTraffic => {
        // A rate that has fallen to nothing is told once.
        if (up > 0 || down > 0) told.add(node)
        const fromPeers = giftsOf(node, seconds)
        return {
          node,
          upBytesPerSecond: up / seconds,
          downBytesPerSecond: down / seconds,
          roundTripMs: roundTrips.get(node) ?? null,
          ...(fromPeers.length > 0 && { fromPeers }),
        }
      })
    },
  }
}
