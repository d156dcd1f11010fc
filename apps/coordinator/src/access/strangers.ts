import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LIMITS, SyncError } from '@causeway/protocol'

/** How long a stranger may take to send a request. */
export const STRANGERS_MS = 10_000

/** What is open to anybody takes little: no route may be forgotten, so it is set where routes are registered. */
export function boundStrangersBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.access === 'public') route.bodyLimit = LIMITS.strangerBytes
  })
}

/** Refuses what is no plain JSON before any of it is read, and cuts off whoever takes long. */
export function boundStranger(request: FastifyRequest, deadlineMs: number): void {
  const { headers, raw } = request
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  if (!hasBody) return
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json' || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new SyncError('bad-request', 'this route takes JSON, as application/json and not compressed')
  }
  if (Number(headers['content-length'] ?? 0) > LIMITS.strangerBytes) {
    throw new SyncError('too-large', `this route takes no more than ${LIMITS.strangerBytes} bytes`)
  }
  const timer = setTimeout(() => raw.destroy(), deadlineMs)
  raw.once('close', () => clearTimeout(timer))
}
