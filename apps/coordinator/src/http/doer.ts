import type { FastifyRequest } from 'fastify'
import { actorOf, type Doer } from '../people/audit.ts'

/** Who is behind a request, for the audit log. */
export function doerOf(request: FastifyRequest): Doer {
  return { actor: actorOf(request.identity), from: request.ip }
}
