import { connect, createServer, type Server, type Socket } from 'node:net'
import { createDirection, type Direction } from './link-shape.ts'
import type { Endpoint, LinkBytes, LinkShape } from './network.ts'

/** What may wait before the link, as in a home router's buffer; a sender over it is held up. */
const QUEUE_BYTES = 256 * 1024

export interface LinkProxy {
  readonly port: number
  /** From the client's point of view. */
  bytes(): LinkBytes
  close(): Promise<void>
}

/**
 * Stands between clients and a server, counts what passes, and, given a shape,
 * lets it pass as that link would: all connections share its rate, each pays
 * its delay, a new one its first round trip.
 */
export async function startLinkProxy(options: {
  readonly listen: string
  readonly target: Endpoint
  readonly shape?: LinkShape
}): Promise<LinkProxy> {
  const { target, shape } = options
  const up = shape === undefined ? undefined : createDirection(shape)
  const down = shape === undefined ? undefined : createDirection(shape)
  const sockets = new Set<Socket>()
  let sent = 0
  let received = 0

  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const openAt = performance.now() + (shape?.roundTripMs ?? 0)
    const upstream = connect({ host: target.host, port: target.port, noDelay: true, allowHalfOpen: true })
    pass(client, upstream, up, openAt, (bytes) => (sent += bytes))
    pass(upstream, client, down, openAt, (bytes) => (received += bytes))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => sockets.delete(one))
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, options.listen, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy got no port')
  return {
    port: address.port,
    bytes: () => ({ sent, received }),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pass(
  from: Socket,
  to: Socket,
  direction: Direction | undefined,
  openAt: number,
  count: (bytes: number) => void,
): void {
  if (direction === undefined) {
    from.on('data', (bytes) => count(bytes.length))
    from.pipe(to)
    return
  }
  const waiting: { readonly at: number; readonly bytes: Buffer | undefined }[] = []
  let timer: NodeJS.Timeout | undefined
  let lastAt = openAt

  const deliver = (): void => {
    timer = undefined
    const now = performance.now()
    for (let next = waiting[0]; next !== undefined && next.at <= now; next = waiting[0]) {
      waiting.shift()
      if (to.destroyed) continue
      if (next.bytes === undefined) to.end()
      else to.write(next.bytes)
    }
    if (from.isPaused() && direction.queued(now) < QUEUE_BYTES && to.writableLength < QUEUE_BYTES) from.resume()
    const [next] = waiting
    if (next !== undefined) timer = setTimeout(deliver, Math.max(1, next.at - now))
    else if (from.isPaused()) timer = setTimeout(deliver, 2)
  }
  const enqueue = (at: number, bytes: Buffer | undefined): void => {
    lastAt = Math.max(at, lastAt)
    waiting.push({ at: lastAt, bytes })
    timer ??= setTimeout(deliver, Math.max(0, lastAt - performance.now()))
  }
  from.on('data', (bytes: Buffer) => {
    count(bytes.length)
    const now = performance.now()
    enqueue(direction.arrival(bytes.length, Math.max(now, openAt)), bytes)
    if (direction.queued(now) >= QUEUE_BYTES || to.writableLength >= QUEUE_BYTES) from.pause()
  })
  from.on('end', () => enqueue(performance.now(), undefined))
}
