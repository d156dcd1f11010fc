import type { App } from '../http/app.ts'
import type { Coordinator } from '../coordinator.ts'
import { createLiveSession } from './live-session.ts'

/** `/ws`: events, presence and reports as JSON, for people and dashboards. */
export function addLiveSocket(app: App, coordinator: Coordinator): void {
  app.get('/ws', { websocket: true, schema: { hide: true } }, (socket) => {
    const session = createLiveSession(coordinator, {
      send: (message) => socket.send(JSON.stringify(message)),
      get bufferedBytes() {
        return socket.bufferedAmount
      },
      close: (code, reason) => socket.close(code, reason),
    })
    socket.on('message', (data) => session.receive(data instanceof Buffer ? data.toString() : ''))
    socket.on('error', () => socket.terminate())
    let alive = true
    socket.on('pong', () => (alive = true))
    const heartbeat = setInterval(() => {
      if (!alive) {
        socket.terminate()
        return
      }
      alive = false
      socket.ping()
    }, 15_000)
    socket.on('close', () => {
      clearInterval(heartbeat)
      session.closed()
    })
  })
}
