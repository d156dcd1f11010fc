import { formatLinkShape } from './link-shape.ts'
import { whose } from './namespaces.ts'
import { ProxyClient } from './proxy-client.ts'
import type { HostName, LinkBytes, LinkShape, Network } from './network.ts'

/**
 * All hosts on 127.0.0.1, each route through a proxy that counts: for systems
 * that allow no namespaces. The headers of TCP and IP are not in its counts.
 */
export function createLoopback(shape: { readonly link: LinkShape; readonly both: boolean } | undefined): Network {
  const proxies: { readonly from: HostName; readonly to: HostName; readonly proxy: ProxyClient }[] = []
  const slow = shape === undefined ? '' : `; ${whose(shape.both)} shaped by it: ${formatLinkShape(shape.link)}`
  return {
    description: `LOOPBACK, as network namespaces are not allowed here: bytes counted by a proxy, without headers of TCP and IP${slow}`,
    countsHeaders: false,
    address: () => '127.0.0.1',
    command: (_host, inside) => inside,
    async route(from, to, port) {
      const start = { listen: '127.0.0.1', target: { host: '127.0.0.1', port } }
      const isSlow = shape !== undefined && (from === 'a' || shape.both)
      const proxy = await ProxyClient.start(isSlow ? { ...start, shape: shape.link } : start)
      proxies.push({ from, to, proxy })
      return { host: '127.0.0.1', port: proxy.port }
    },
    async counters() {
      const totals: Record<HostName, { sent: number; received: number }> = { a: zero(), b: zero(), c: zero() }
      for (const { from, to, proxy } of proxies) {
        const { sent, received }: LinkBytes = await proxy.bytes()
        totals[from].sent += sent
        totals[from].received += received
        totals[to].received += sent
        totals[to].sent += received
      }
      return totals
    },
    async close() {
      await Promise.all(proxies.splice(0).map(({ proxy }) => proxy.stop()))
    },
  }
}

function zero(): { sent: number; received: number } {
  return { sent: 0, received: 0 }
}
