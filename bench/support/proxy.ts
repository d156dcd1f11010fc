import { connect, createServer, type Server, type Socket } from 'node:net'

/** Bytes that went each way since the last `reset`. */
export interface WireBytes {
  readonly toServer: number
  readonly fromServer: number
}

/** Stands between a client and a server on loopback and counts what passes. */
export class CountingProxy {
  #server: Server
  #sockets = new Set<Socket>()
  #toServer = 0
  #fromServer = 0
  #port = 0

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#join(client, targetPort))
  }

  static async start(targetPort: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(targetPort)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = proxy.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the counting proxy got no port')
    proxy.#port = address.port
    return proxy
  }

  get port(): number {
    return this.#port
  }

  get bytes(): WireBytes {
    return { toServer: this.#toServer, fromServer: this.#fromServer }
  }

  reset(): void {
    this.#toServer = 0
    this.#fromServer = 0
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, targetPort: number): void {
    const server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    client.on('data', (bytes) => (this.#toServer += bytes.length))
    server.on('data', (bytes) => (this.#fromServer += bytes.length))
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}
