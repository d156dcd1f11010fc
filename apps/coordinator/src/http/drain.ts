import { SyncError } from '@causeway/protocol'
import type { App } from './app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    drain: Drain
  }
}

/** A coordinator on its way out: first it says so, then it sends away whoever holds a connection. */
export interface Drain {
  readonly isDraining: boolean
  /** From now on it is not ready, takes no new sockets, and keeps no connection open after an answer. */
  begin(): void
  /** Asks everybody who holds a socket to open it again, here or elsewhere. */
  sendAway(): void
  /** Calls back once at `sendAway`. Returns how to stop listening. */
  onSendAway(listener: () => void): () => void
}

/** "Service restart": whoever reads it in a close frame reconnects at once and need not back off. */
export const RESTART_CODE = 1012
export const RESTART_REASON = 'the coordinator is restarting: reconnect'

export function createDrain(): Drain {
  const listeners = new Set<() => void>()
  let isDraining = false
  return {
    get isDraining() {
      return isDraining
    },
    begin() {
      isDraining = true
    },
    sendAway() {
      const asked = [...listeners]
      listeners.clear()
      for (const leave of asked) leave()
    },
    onSendAway(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Requests are still answered while it drains, each on a connection that ends with it; sockets are refused. */
export function addDrain(app: App, drain: Drain): void {
  app.decorate('drain', drain)
  app.addHook('onRequest', async (request, reply) => {
    if (!drain.isDraining) return
    reply.header('connection', 'close')
    if (request.headers.upgrade === undefined) return
    reply.header('retry-after', '1')
    throw new SyncError('draining', 'this coordinator is stopping and takes no new connections: try again')
  })
}
