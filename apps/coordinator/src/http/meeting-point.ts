import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import type { KeyPin } from '@causeway/protocol'
import type { ServedTls } from '../ports/served-tls.ts'

/** Where a join link leads, and what the machine that joins is to find there. */
export interface MeetingPoint {
  readonly url: string
  readonly pins?: readonly KeyPin[]
}

/**
 * Where the machine that joins reaches this coordinator: `wanted`, or where
 * this request did. What answers behind a proxy is the proxy, with a
 * certificate of its own: nothing is pinned then.
 */
export function meetingPoint(
  request: Pick<FastifyRequest, 'protocol' | 'host' | 'ips'> & { readonly raw: Pick<FastifyRequest['raw'], 'socket'> },
  wanted: string | undefined,
  tls: ServedTls | undefined,
): MeetingPoint {
  const { hostname, port } = new URL(`${request.protocol}://${request.host || 'localhost'}`)
  const isDirect = request.raw.socket instanceof TLSSocket && (request.ips ?? []).length < 2
  const name = isDirect && tls !== undefined ? tls.nameFor(hostname) : hostname
  const url = wanted ?? `${request.protocol}://${name}${port === '' ? '' : `:${port}`}`
  const pins = isDirect && url.startsWith('https:') ? (tls?.pins.current() ?? []) : []
  return { url, ...(pins.length > 0 && { pins }) }
}
