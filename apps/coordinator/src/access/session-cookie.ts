import type { FastifyRequest } from 'fastify'

const NAME = 'causeway-session'

/**
 * The cookie that a person's session is in. Over TLS its name keeps others from
 * planting one: browsers take `__Host-` from this very host alone, and over TLS.
 */
export function sessionCookie(request: Pick<FastifyRequest, 'protocol'>): {
  readonly name: string
  readonly secure: boolean
} {
  const secure = request.protocol === 'https'
  return { name: secure ? `__Host-${NAME}` : NAME, secure }
}
