import type { FastifyRequest } from 'fastify'

/** An address of the page, at the host by which it was asked for. Behind its sign # nothing is sent to a server, nor logged. */
export function pageLink({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>, path: string): string {
  return `${protocol}://${host || 'localhost'}${path}`
}
