import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CHUNK_FRAMES_TYPE,
  chunkFrameParts,
  decode,
  encode,
  encodeBits,
  ERROR_CODES,
  isSyncError,
  LIMITS,
  parsePeerToken,
  PEER_PATHS,
  PeerChunksRequestSchema,
  SyncError,
  type NamedBytes,
  type NodeId,
} from '@causeway/protocol'
import { CBOR_TYPE } from '../link/message-body.ts'
import type { Gifts } from './gifts.ts'
import type { GrantCheck } from './grant-check.ts'

export interface PeerServerOptions {
  /** All of the machine's addresses if left out. */
  readonly host?: string | undefined
  /** 0 for any that is free. */
  readonly port: number
  readonly tls: { readonly key: string; readonly cert: string }
  readonly gifts: Gifts
  readonly grants: GrantCheck
}

export interface RunningPeerServer {
  readonly port: number
  close(): Promise<void>
}

/** Connections of all nodes together, and requests of one node: whoever is refused asks elsewhere. */
const MOST_CONNECTIONS = 128
const REQUESTS_PER_NODE = 8
const SILENCE_MS = 15_000
/** A list of hashes takes no more. */
const MOST_BODY_BYTES = 512 * 1024

/** Gives chunks to other nodes, over TLS, for tokens that their coordinator signed. Throws `io-error` where it can't listen. */
export async function servePeers(options: PeerServerOptions): Promise<RunningPeerServer> {
  const { host, port, tls } = options
  const turns = new Map<NodeId, number>()
  const server = createServer({ ...tls, minVersion: 'TLSv1.2' }, (request, response) => {
    answer(options, turns, request, response).catch(() => response.destroy())
  })
  server.maxConnections = MOST_CONNECTIONS
  server.headersTimeout = SILENCE_MS
  server.requestTimeout = SILENCE_MS
  server.timeout = SILENCE_MS
  server.on('tlsClientError', (_, socket) => socket.destroy())
  await listening(server, port, host)
  server.unref()
  return {
    // A server that listens on a port has such an address.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const where = host === undefined ? `port ${port}` : `${host}:${port}`
      const why = `cannot listen for other nodes on ${where}: ${cause.message}. Name another address with --peers.`
      reject(new SyncError('io-error', why, { cause }))
    })
    server.listen({ port, ...(host !== undefined && { host }) }, resolve)
  })
}

type Context = Pick<PeerServerOptions, 'gifts' | 'grants'>

async function answer(
  context: Context,
  turns: Map<NodeId, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let taker: NodeId | undefined
  try {
    const path = pathOf(request)
    // Strangers first: of theirs no byte is read.
    const token = tokenOf(request)
    const { folder } = parsePeerToken(token).grant
    const checked = context.grants.check(token, folder)
    const under = turns.get(checked) ?? 0
    if (under >= REQUESTS_PER_NODE) throw new SyncError('too-many-requests', 'this node is asked for enough at once')
    turns.set((taker = checked), under + 1)
    const asked = decode(PeerChunksRequestSchema, await bodyOf(request))
    if (asked.folder !== folder)
      throw new SyncError('not-allowed', 'no chunk is given: the token is for another folder')
    await give(context, path, asked, response)
  } catch (error) {
    refuse(response, error)
  } finally {
    const left = taker === undefined ? 0 : (turns.get(taker) ?? 1) - 1
    if (taker !== undefined && left > 0) turns.set(taker, left)
    else if (taker !== undefined) turns.delete(taker)
  }
}

type Asked = ReturnType<typeof decode<typeof PeerChunksRequestSchema>>

async function give(
  { gifts }: Context,
  path: keyof typeof PEER_PATHS,
  { folder, content, hashes }: Asked,
  response: ServerResponse,
): Promise<void> {
  if (path === 'chunks') {
    response.writeHead(200, { 'content-type': CHUNK_FRAMES_TYPE })
    return pipeline(Readable.from(frames(gifts.fetch(folder, content, hashes)), { objectMode: false }), response)
  }
  if (path === 'list') {
    const chunks = gifts.chunkList(folder, content)
    if (chunks === undefined) throw new SyncError('not-found', 'this node does not have that content')
    return send(response, encode({ chunks }))
  }
  const state = gifts.stateOf(folder, content)
  return send(response, encode({ has: encodeBits(gifts.has(folder, content, hashes)), state }))
}

/** As they are: what costs between neighbours is the time to pack. */
async function* frames(chunks: AsyncIterable<NamedBytes>): AsyncIterable<Uint8Array> {
  for await (const { hash, bytes } of chunks) {
    yield* chunkFrameParts({ hash, size: bytes.length, compressed: false, bytes })
  }
}

function pathOf({ method, url }: IncomingMessage): keyof typeof PEER_PATHS {
  const names = ['have', 'chunks', 'list'] as const
  const path = names.find((name) => PEER_PATHS[name] === url)
  if (path !== undefined && method === 'POST') return path
  throw new SyncError('not-found', 'there is nothing here')
}

function tokenOf({ headers }: IncomingMessage): string {
  const [scheme, token] = headers.authorization?.split(' ', 2) ?? []
  if (scheme === 'Bearer' && token !== undefined) return token
  throw new SyncError('not-allowed', 'no chunk is given without a token of the coordinator')
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    size += piece.length
    if (size > Math.min(MOST_BODY_BYTES, LIMITS.messageBytes))
      throw new SyncError('too-large', 'that is no list of chunks')
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size)
}

function send(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': CBOR_TYPE, 'content-length': bytes.length })
  response.end(bytes)
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const { code, message } = isSyncError(error) ? error : new SyncError('internal', 'this node could not answer')
  response.writeHead(ERROR_CODES[code][0], { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ error: { code, message } }))
}
