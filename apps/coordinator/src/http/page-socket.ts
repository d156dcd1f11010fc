import { ROUTES } from '@causeway/protocol'
import { personOf } from '../access/gate.ts'
import type { App } from './app.ts'
import type { Coordinator } from '../coordinator.ts'
import { serveSocket } from './serve-route.ts'
import { createNewestSockets } from './newest-sockets.ts'
import { openBoundedSocket } from './sockets.ts'
import { createLiveSession } from '../feed/page-feed.ts'

/** Tabs and scripts of one person. */
export const MOST_PAGES = 64

/** `/ws`: events, presence and reports as JSON, for people and dashboards. */
export function addLiveSocket(app: App, coordinator: Coordinator): void {
  const newest = createNewestSockets(MOST_PAGES, 'you have opened newer pages')
  serveSocket(app, ROUTES.coordinator.live, (socket, request) => {
    const { person, rights } = personOf(request)
    openBoundedSocket(socket, request, (bounded) => {
      const remove = newest.add(person.id, bounded)
      const session = createLiveSession(coordinator, rights, {
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
        closed() {
          remove()
          session.closed()
        },
      }
    })
  })
}
