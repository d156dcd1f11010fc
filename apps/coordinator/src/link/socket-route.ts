import type { FastifyInstance } from 'fastify'
import { isSyncError } from '@causeway/protocol'
import { nodeOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import { createLinkSession } from './session.ts'

const HEARTBEAT_MS = 15_000

/** The node link's WebSocket: one a node, CBOR both ways. Messages of one node are taken one after the other. */
export function addLinkSocket(app: FastifyInstance, coordinator: Coordinator): void {
  const { context } = coordinator
  app.get(
    '/link/v1/socket',
    { websocket: true, config: { access: 'node' }, schema: { hide: true } },
    (socket, request) => {
      const node = nodeOf(request)
      const session = createLinkSession(context, coordinator, node, {
        send: (bytes) => socket.send(bytes),
        get bufferedBytes() {
          return socket.bufferedAmount
        },
        close: (code, reason) => socket.close(code, reason),
      })
      let last: Promise<void> = Promise.resolve()
      socket.on('message', (data, isBinary) => {
        if (!isBinary || !(data instanceof Uint8Array)) {
          socket.close(1003, 'messages are CBOR')
          return
        }
        last = last
          .then(() => session.receive(data))
          .catch((error: unknown) => {
            const bad = isSyncError(error, 'bad-request') || isSyncError(error, 'too-large')
            context.log.warn({ err: error, node }, 'a message of a node could not be taken')
            socket.close(bad ? 1007 : 1011, isSyncError(error) ? error.message.slice(0, 100) : 'the coordinator failed')
          })
      })

      let alive = true
      let pingedAt = performance.now()
      socket.on('pong', () => {
        alive = true
        context.traffic.roundTrip(node, performance.now() - pingedAt)
      })
      socket.on('ping', () => (alive = true))
      const heartbeat = setInterval(() => {
        if (!alive) {
          socket.terminate()
          return
        }
        alive = false
        ping()
      }, HEARTBEAT_MS)
      ping()
      function ping(): void {
        pingedAt = performance.now()
        socket.ping()
      }

      socket.on('error', (error) => context.log.debug({ err: error, node }, "a node's socket failed"))
      socket.on('close', () => {
        clearInterval(heartbeat)
        session.closed()
      })
    },
  )
}
