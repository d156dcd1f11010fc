import { createServer as createPlainServer } from 'node:http'
import { connect as connectTcp, createServer as createRelay, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'

/**
 * Somebody between a node and its coordinator, run as a process of its own.
 * What it can read it prints, a line each: "heard …".
 *
 * - `relay` passes on what it can't read: an honest network.
 * - `tls` shows a certificate of its own and passes on to the coordinator what it has read.
 * - `plain` answers without TLS, as if it were the coordinator.
 */
export interface ManInTheMiddle {
  readonly kind: 'relay' | 'tls' | 'plain'
  readonly port: number
  /** The coordinator's. */
  readonly target: number
  readonly key?: string
  readonly cert?: string
}

const { kind, port, target, key, cert }: ManInTheMiddle = JSON.parse(process.argv[2] ?? '{}')
const to = { port: target, host: '127.0.0.1' }

function hear(bytes: Buffer): void {
  process.stdout.write(`heard ${JSON.stringify(bytes.toString('latin1'))}\n`)
}

function join(client: Socket, upstream: Socket): void {
  client.pipe(upstream).pipe(client)
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => one.destroy())
    one.on('close', () => other.destroy())
  }
}

const servers = {
  relay: () => createRelay((client) => join(client, connectTcp(to))),
  tls: () =>
    createTlsServer({ key, cert }, (client) => {
      client.on('data', hear)
      join(client, connectTls({ ...to, rejectUnauthorized: false }))
    }),
  plain: () =>
    createPlainServer((request, response) => {
      hear(Buffer.from(`${request.method} ${request.url}`))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }),
}

servers[kind]().listen(port, '127.0.0.1', () => process.stdout.write('ready\n'))
