import { isSyncError, ROUTES } from '@causeway/protocol'
import { nodeOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from '../http/app.ts'
import { serveSocket } from '../http/serve-route.ts'
import { createNewestSockets } from '../http/newest-sockets.ts'
import { openBoundedSocket } from '../http/sockets.ts'
import { createLinkSession } from '../feed/node-feed.ts'

/** A node has one socket; while it comes back, one or two that are dead and not known to be. */
const MOST_SOCKETS = 4

/** The node link's WebSocket: one a node, CBOR both ways. Messages of one node are taken one after the other. */
export function addLinkSocket(app: App, coordinator: Coordinator): void {
  const { context } = coordinator
  const newest = createNewestSockets(MOST_SOCKETS, 'this node has opened newer links')

  serveSocket(app, ROUTES.link.socket, (socket, request) => {
    const node = nodeOf(request)
    openBoundedSocket(socket, request, (bounded) => {
      const remove = newest.add(node, bounded)
      const session = createLinkSession(context, coordinator, node, bounded)
      return {
        async message(data, isBinary) {
          if (isBinary && data instanceof Uint8Array) await session.receive(data)
          else bounded.close(1003, 'messages are CBOR')
        },
        failed(error) {
          const bad = isSyncError(error, 'bad-request') || isSyncError(error, 'too-large')
          context.log.warn({ err: error, node }, 'a message of a node could not be taken')
          const reason = isSyncError(error) ? closeReason(error.message) : 'the coordinator failed'
          bounded.close(bad ? 1007 : 1011, reason)
        },
        closed() {
          remove()
          session.closed()
        },
        roundTrip: (milliseconds) => context.observe.roundTrip(node, milliseconds),
      }
    })
  })
}

/** A close frame has room for 123 bytes. */
function closeReason(message: string): string {
  return Buffer.from(message).subarray(0, 100).toString().replaceAll('\uFFFD', '')
}
