import { ROUTES } from '@causeway/protocol'
import { personOf } from '../access/gate.ts'
import type { App } from './app.ts'
import type { Coordinator } from '../coordinator.ts'
import { serveSocket } from './serve-route.ts'
import { openBoundedSocket } from './sockets.ts'
import { createLiveSession } from '../feed/page-feed.ts'

/** `/ws`: events, presence and reports as JSON, for people and dashboards. */
export function addLiveSocket(app: App, coordinator: Coordinator): void {
  serveSocket(app, ROUTES.coordinator.live, (socket, request) => {
    openBoundedSocket(socket, request, (bounded) => {
      const session = createLiveSession(coordinator, personOf(request).rights, {
        send: (message) => bounded.send(JSON.stringify(message)),
        drained: () => bounded.drained(),
        close: (code, reason) => bounded.close(code, reason),
      })
      return {
        message: (data) => session.receive(data instanceof Buffer ? data.toString() : ''),
        failed(error) {
          coordinator.context.log.warn({ err: error }, 'a message of a page could not be taken')
          bounded.close(1011, 'the coordinator failed')
        },
        closed: () => session.closed(),
      }
    })
  })
}
