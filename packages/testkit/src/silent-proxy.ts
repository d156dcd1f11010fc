import { connect, createServer, type Socket } from 'node:net'

/** Stands between clients and a server on loopback, and can fall silent as a cable does that is pulled somewhere far away. */
export interface SilentProxy {
  readonly port: number
  /** Both ways, so far. */
  readonly passedBytes: number
  /**
   * While it is true nothing passes, and nobody is told. A connection that
   * lost bytes so, or was made meanwhile, stays dead when it is false again.
   */
  isSilent: boolean
  close(): Promise<void>
}

export async function startSilentProxy(targetPort: number): Promise<SilentProxy> {
  const sockets = new Set<Socket>()
  let passedBytes = 0
  const server = createServer((client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    let isDead = proxy.isSilent
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        isDead ||= proxy.isSilent
        if (isDead) return
        passedBytes += bytes.length
        to.write(bytes)
      })
      from.on('error', () => from.destroy())
      from.on('close', () => {
        sockets.delete(from)
        if (!isDead && !proxy.isSilent) to.destroy()
      })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy got no port')
  const proxy: SilentProxy = {
    port: address.port,
    isSilent: false,
    get passedBytes() {
      return passedBytes
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}
