import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyRequest } from 'fastify'
import type { Log } from '@causeway/log'
import type { App } from './app.ts'

/** The request that is being answered, for every line that is logged meanwhile. */
const current = new AsyncLocalStorage<{ readonly requestId: string }>()

export function currentRequest(): { readonly requestId: string } | undefined {
  return current.getStore()
}

/** Gives each request its name, in the log and in the answer, and notes at `debug` what became of it. */
export function addRequestLog(app: App, log: Log): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    current.run({ requestId: request.id }, done)
  })
  // Where a body was read, what follows runs as the socket's and no longer as the request's.
  app.addHook('preValidation', (request, _reply, done) => {
    current.run({ requestId: request.id }, done)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, id: requestId, identity } = request
    const tookMs = Math.round(reply.elapsedTime)
    const node = identity?.kind === 'node' ? { node: identity.node } : {}
    const details = { requestId, method, path: loggedPath(request), status: reply.statusCode, tookMs, ...node }
    log.debug(details, 'answered a request')
  })
}

/** An address without its query: what is asked for may be named in a log, and what was typed may not. */
export function loggedPath({ url }: Pick<FastifyRequest, 'url'>): string {
  return url.split('?', 1)[0] ?? ''
}
