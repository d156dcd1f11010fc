import { createServer as createHttpServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { errnoOf, SyncError, systemReason } from '@causeway/protocol'
import type { ServedTls } from '../ports/served-tls.ts'
import type { App } from './app.ts'
import { createInProgress } from './in-progress.ts'
import { PATIENCE } from './patience.ts'
import { createTlsServer } from './tls-server.ts'

export interface Listening {
  readonly url: string
  readonly dashboardUrl: string
  /**
   * Takes no further connections and waits, at most so long, until what was asked is answered. Returns how many requests
   * are left.
   */
  finish(timeoutMs: number): Promise<number>
  /** Ends every connection and frees both ports. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly dashboardPort: number
  /** What the app was created with. */
  readonly tls?: ServedTls | undefined
}

/** Serves one app on two ports: the coordinator's and the one that people open. Throws `io-error` where one can't be had. */
export async function listen(app: App, { host, port, dashboardPort, tls }: ListenOptions): Promise<Listening> {
  const inProgress = createInProgress()
  inProgress.watch(app.server)
  app.connections.watch(app.server)
  await app.listen({ host, port }).catch((cause: unknown) => {
    throw cannotListen({ host, port, flag: '--port' }, cause)
  })
  const route: RequestListener = (request, response) => app.routing(request, response)
  const dashboard = tls === undefined ? createHttpServer(PATIENCE, route) : createTlsServer(route, tls)
  inProgress.watch(dashboard)
  app.connections.watch(dashboard)
  dashboard.on('upgrade', (request, socket, head) => app.server.emit('upgrade', request, socket, head))
  try {
    await new Promise<void>((resolve, reject) => {
      dashboard.once('error', reject)
      dashboard.listen({ host, port: dashboardPort }, resolve)
    })
  } catch (error) {
    await app.close()
    throw cannotListen({ host, port: dashboardPort, flag: '--dashboard-port' }, error)
  }
  const origin = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}`
  return {
    url: `${origin}:${portOf(app.server)}`,
    dashboardUrl: `${origin}:${portOf(dashboard)}`,
    async finish(timeoutMs) {
      for (const server of [app.server, dashboard]) server.close()
      return inProgress.finished(timeoutMs)
    },
    async close() {
      const closed = new Promise<void>((resolve) => void dashboard.close(() => resolve()))
      dashboard.closeAllConnections()
      await app.close()
      await closed
    },
  }
}

/** What is to be set otherwise depends on what the system objects to: the address, or the port. */
function cannotListen(
  { host, port, flag }: { readonly host: string; readonly port: number; readonly flag: string },
  cause: unknown,
): SyncError {
  const isOfHost = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(errnoOf(cause) ?? '')
  const next = isOfHost ? 'Name another address with --host' : `Name another port with ${flag}`
  return new SyncError('io-error', `cannot listen on ${host}:${port}: ${systemReason(cause)}. ${next}.`, { cause })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
