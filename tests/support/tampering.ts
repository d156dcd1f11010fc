import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zstdDecompressSync } from 'node:zlib'
import { decode, encode, PACKED, PLAIN, type ChangeBatch } from '@causeway/protocol'
import WebSocket, { WebSocketServer, type RawData } from 'ws'
import { z } from 'zod'
import type { Lifetime } from './lifetime.ts'

/** What a coordinator that has gone bad does to its answers. What is left out stays honest. */
export interface Tampering {
  /** Changes of a folder, asked for or pushed. Returns what the node is sent instead. */
  changes?(batch: ChangeBatch): object
  /** Any other answer, as it was decoded; by its path. */
  answer?(path: string, message: unknown): unknown
  /** A body of chunk frames. */
  chunks?(body: Buffer): Buffer
  /** The status of every answer but those to a sign-in. */
  status?: number
}

/**
 * A coordinator that lies: everything goes to an honest one, and comes back as
 * `tampering` has it. To a node it is its coordinator in every respect.
 */
export interface LyingCoordinator {
  readonly port: number
  tampering: Tampering
  /** How many of its answers were lies so far. */
  readonly lies: number
}

export async function startLyingCoordinator(life: Lifetime, target: number): Promise<LyingCoordinator> {
  const server = createServer((request, response) => void relay(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let lies = 0
  const lying: LyingCoordinator = {
    port,
    tampering: {},
    get lies() {
      return lies
    },
  }

  function told<T>(truth: T, lie: T | undefined): T {
    if (lie === undefined || lie === truth) return truth
    lies++
    return lie
  }

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await collected(request)
    // What comes back must be readable here.
    const { 'accept-encoding': _encoding, ...headers } = request.headers
    const options = { port: target, host: '127.0.0.1', method: request.method, path: request.url, headers }
    const asked = send(options, (answer) => void answered(request.url ?? '', answer, response))
    asked.on('error', () => response.destroy())
    asked.end(body)
  }

  async function answered(path: string, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tampering } = lying
    const bytes = await collected(answer)
    const body = told(bytes, lieOf(path, answer.headers['content-type'] ?? '', bytes))
    const { 'content-length': _length, 'transfer-encoding': _chunked, ...headers } = answer.headers
    const isSignIn = path === '/link/v1/challenge' || path === '/link/v1/session'
    const status = (isSignIn ? undefined : tampering.status) ?? answer.statusCode ?? 500
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
  }

  function lieOf(path: string, type: string, bytes: Buffer): Buffer | undefined {
    const { changes, answer, chunks } = lying.tampering
    if (type.startsWith('application/vnd.causeway.chunks')) return chunks?.(bytes)
    if (type.startsWith('application/json')) {
      const message: unknown = JSON.parse(bytes.toString())
      const lie = answer?.(path, message) ?? message
      return lie === message ? undefined : Buffer.from(JSON.stringify(lie))
    }
    if (!type.startsWith('application/cbor')) return undefined
    const message = decode(z.unknown(), bytes)
    const lie = isBatch(message) && changes !== undefined ? changes(message) : (answer?.(path, message) ?? message)
    return lie === message ? undefined : Buffer.from(encode(lie))
  }

  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (node, request) => {
    const { authorization = '' } = request.headers
    const upstream = new WebSocket(`ws://127.0.0.1:${target}${request.url}`, { headers: { authorization } })
    const waiting: RawData[] = []
    node.on('message', (data) => {
      if (upstream.readyState === WebSocket.OPEN) upstream.send(data)
      else waiting.push(data)
    })
    upstream.on('open', () => {
      for (const data of waiting.splice(0)) upstream.send(data)
    })
    upstream.on('message', (data) => {
      if (data instanceof Buffer) node.send(pushed(data))
    })
    for (const [one, other] of [
      [node, upstream],
      [upstream, node],
    ] as const) {
      one.on('error', () => one.terminate())
      one.on('close', () => other.terminate())
    }
  })

  function pushed(data: Buffer): Buffer {
    const body = data.subarray(1)
    const message = decode(PushedSchema, data[0] === PACKED ? zstdDecompressSync(body) : body)
    const { changes } = lying.tampering
    if (!isBatch(message.batch) || changes === undefined) return data
    const batch = told<object>(message.batch, changes(message.batch))
    return batch === message.batch ? data : Buffer.concat([Buffer.of(PLAIN), encode({ ...message, batch })])
  }

  life.add(async () => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return lying
}

const PushedSchema = z.looseObject({ kind: z.string(), batch: z.unknown().optional() })

/** It came from an honest coordinator. */
function isBatch(message: unknown): message is ChangeBatch {
  return typeof message === 'object' && message !== null && 'states' in message && 'cursor' in message
}

async function collected(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of stream) pieces.push(Buffer.from(piece))
  } catch {
    // Who hung up gets no answer.
  }
  return Buffer.concat(pieces)
}
