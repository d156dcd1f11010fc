import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SyncError, type NodeId } from '@causeway/protocol'

/** Requests of one node at a time. An honest one has eight connections, and a command now and then. */
const MOST_REQUESTS = 64
/** Large messages of one node at a time: they are held whole, and inflated. */
const MOST_LARGE = 2
const LARGE_BYTES = 64 * 1024

interface NodeLoad {
  requests: number
  large: number
  readonly waiting: Set<() => void>
}

/**
 * Bounds what the requests of one node hold at one time. Too many at once are
 * refused; large messages wait, unread, until there is room: their bytes stay
 * with the sender.
 */
export function addNodeTurns(app: FastifyInstance): void {
  const loads = new Map<NodeId, NodeLoad>()

  function loadOf(node: NodeId): NodeLoad {
    const known = loads.get(node) ?? { requests: 0, large: 0, waiting: new Set() }
    loads.set(node, known)
    return known
  }

  /** Until the answer has gone, or nobody waits for it any more. */
  function afterwards(reply: FastifyReply, work: () => void): void {
    reply.raw.once('close', work)
  }

  app.addHook('onRequest', async (request, reply) => {
    const node = nodeBehind(request)
    if (node === null || request.headers.upgrade !== undefined) return
    const load = loadOf(node)
    if (load.requests >= MOST_REQUESTS) {
      throw new SyncError('too-many-requests', `${node} has ${MOST_REQUESTS} requests in progress already`)
    }
    load.requests++
    afterwards(reply, () => {
      load.requests--
      if (load.requests === 0) loads.delete(node)
    })
  })

  app.addHook('preParsing', async (request, reply, payload) => {
    const node = nodeBehind(request)
    if (node === null || !isLargeMessage(request)) return payload
    const load = loadOf(node)
    while (load.large >= MOST_LARGE) {
      await turnOf(load, reply)
      // Who has hung up takes no room: nothing would give it back.
      if (reply.raw.destroyed) return payload
    }
    load.large++
    afterwards(reply, () => {
      load.large--
      const [next] = load.waiting
      next?.()
    })
    return payload
  })

  /** Until there may be room, or nobody waits for it any more: who has hung up is not called in the place of others. */
  async function turnOf({ waiting }: NodeLoad, reply: FastifyReply): Promise<void> {
    const turn = Promise.withResolvers<void>()
    const called = (): void => {
      waiting.delete(called)
      turn.resolve()
    }
    waiting.add(called)
    afterwards(reply, called)
    await turn.promise
  }
}

function nodeBehind({ identity }: FastifyRequest): NodeId | null {
  return identity?.kind === 'node' ? identity.node : null
}

/** Streams are taken as they come; what is read whole counts, also where it does not say how large it is. */
function isLargeMessage({ headers }: FastifyRequest): boolean {
  if (!/^application\/(cbor|json)\b/.test(headers['content-type'] ?? '')) return false
  const announced = headers['content-length']
  return announced === undefined || Number(announced) > LARGE_BYTES
}
