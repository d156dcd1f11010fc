import type { HttpLink } from './http-link.ts'
import { createLinkSocket, type LinkSocket, type LinkSocketOptions } from './socket.ts'

/**
 * The socket beside a link over HTTP. It is the one that notices when nothing
 * comes any more: then all requests of the link end, and begin again over new
 * connections, instead of each waiting for its own time to be up. It also
 * hears that the coordinator restarts: then requests wait for it.
 */
export function createSocketOfLink(
  link: HttpLink,
  options: Omit<LinkSocketOptions, 'session' | 'onDead' | 'onRestart'>,
): LinkSocket {
  return createLinkSocket({
    ...options,
    session: link.session,
    onDead: () => link.dropConnections(),
    onRestart: () => link.expectRestart(),
  })
}
