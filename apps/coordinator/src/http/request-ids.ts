import type { IncomingMessage } from 'node:http'
import type { Random } from '@causeway/time'
import { networks } from './networks.ts'

/** What a proxy may call a request: short, and harmless in a log. */
const GIVEN = /^[\w.:-]{1,64}$/

/** Names requests: as a trusted proxy named them, and otherwise by chance. A stranger's name could be another request's. */
export function createRequestIds(
  trustedProxies: readonly string[],
  random: Random,
): (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string {
  const isTrusted = networks(trustedProxies)
  return ({ headers, socket }) => {
    const given = headers['x-request-id']
    const isTaken = typeof given === 'string' && GIVEN.test(given) && isTrusted(socket.remoteAddress ?? '')
    return isTaken ? given : random.hex(8)
  }
}
