import type { NodeId, NodeTraffic } from '@causeway/protocol'
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
  /** What crossed since the last call, by node; nodes between which and here nothing did are left out. */
  sample(): readonly NodeTraffic[]
}

interface Counted {
  readonly socket: CountedSocket
  node: NodeId
  read: number
  written: number
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
    sample() {
      const seconds = Math.max(0.001, (now() - sampledAt) / 1000)
      sampledAt = now()
      for (const counted of sockets.values()) {
        count(counted)
        if (counted.socket.destroyed) sockets.delete(counted.socket)
      }
      const moved = [...sums].filter(([node, { up, down }]) => up > 0 || down > 0 || told.has(node))
      sums.clear()
      told.clear()
      return moved.map(([node, { up, down }]): NodeTraffic => {
        // A rate that has fallen to nothing is told once.
        if (up > 0 || down > 0) told.add(node)
        return {
          node,
          upBytesPerSecond: up / seconds,
          downBytesPerSecond: down / seconds,
          roundTripMs: roundTrips.get(node) ?? null,
        }
      })
    },
  }
}
