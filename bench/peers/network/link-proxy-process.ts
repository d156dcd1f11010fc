import { startLinkProxy } from './link-proxy.ts'
import type { Endpoint, LinkShape } from './network.ts'

/** A proxy in a process of its own: it takes no time from the one that measures. Ends with its parent. */
export interface ProxyStart {
  readonly listen: string
  readonly target: Endpoint
  readonly shape?: LinkShape
}

process.once('message', (start: ProxyStart) => {
  startLinkProxy(start).then(
    (proxy) => {
      process.on('message', () => process.send?.(proxy.bytes()))
      process.send?.({ port: proxy.port })
    },
    (error: unknown) => {
      process.stderr.write(`the proxy could not start: ${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit(0))
