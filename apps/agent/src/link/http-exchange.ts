import { Readable } from 'node:stream'
import type { Pool } from 'undici'
import { piecesOf } from '@causeway/packing'
import { LIMITS, SyncError, isSyncError, unreachableReason } from '@causeway/protocol'
import type { Dialler } from './dialler.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** In one piece, or in several that are sent one after the other. */
  readonly body?: Uint8Array | readonly Uint8Array[]
  /** Without a byte for this long, it is given up; what the exchange was made with otherwise. */
  readonly silenceTimeoutMs?: number
}

/** What came back, whole. The caller must still check status and type. */
export interface HttpAnswer {
  /** Where it was asked for. */
  readonly url: string
  readonly status: number
  /** Media type without parameters, lower case; '' if none was named. */
  readonly type: string
  readonly encoding: string
  readonly bytes: Uint8Array
}

export interface StreamedAnswer extends Omit<HttpAnswer, 'bytes'> {
  /** Throws `offline` where the connection breaks before the announced end. */
  readonly body: AsyncIterable<Uint8Array>
}

/** One coordinator's HTTP connections: kept alive, a bounded number of them. */
export interface HttpExchange {
  /** Throws `offline` if no whole answer arrives, `too-large` over `LIMITS.messageBytes`. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Like `send`, handing on the body as it comes. The body must be read to its end, or left by a `break`. */
  stream(request: HttpRequest): Promise<StreamedAnswer>
  /** Ends all that is under way with `offline`: its connections are dead, whatever they look like. */
  dropConnections(): void
  close(): Promise<void>
}

export interface HttpExchangeOptions {
  readonly dialler: Dialler
  readonly connections?: number
  readonly connectTimeoutMs?: number
  /** Without a byte for this long, the connection is given up. */
  readonly silenceTimeoutMs?: number
}

export function createHttpExchange(options: HttpExchangeOptions): HttpExchange {
  const { dialler, connections = 8, connectTimeoutMs = 3_000, silenceTimeoutMs = 30_000 } = options
  const { url } = dialler
  let pool = openPool()

  function openPool(): Pool {
    return dialler.pool({
      connections,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      headersTimeout: silenceTimeoutMs,
      bodyTimeout: silenceTimeoutMs,
      connectTimeoutMs,
    })
  }

  async function open(request: HttpRequest) {
    try {
      const { statusCode, headers, body } = await pool.request({
        method: request.method,
        path: request.path,
        headers: { ...request.headers, ...lengthOf(request.body) },
        body: bodyOf(request.body),
        ...(request.silenceTimeoutMs !== undefined && {
          headersTimeout: request.silenceTimeoutMs,
          bodyTimeout: request.silenceTimeoutMs,
        }),
      })
      return {
        url,
        status: statusCode,
        type: first(headers['content-type']).split(';', 1)[0]?.trim().toLowerCase() ?? '',
        encoding: first(headers['content-encoding']).toLowerCase(),
        announced: first(headers['content-length']),
        body,
      }
    } catch (cause) {
      throw unreachable(url, cause)
    }
  }

  return {
    async send(request) {
      const { body, announced, ...head } = await open(request)
      if (Number(announced) > LIMITS.messageBytes) {
        body.destroy()
        throw tooLarge(request)
      }
      const pieces: Uint8Array[] = []
      let size = 0
      for await (const piece of guarded(url, body)) {
        size += piece.length
        if (size > LIMITS.messageBytes) throw tooLarge(request)
        pieces.push(piece)
      }
      return { ...head, bytes: pieces.length === 1 ? (pieces[0] ?? new Uint8Array(0)) : Buffer.concat(pieces, size) }
    },
    async stream(request) {
      const { body, announced: _, ...head } = await open(request)
      return { ...head, body: guarded(url, body) }
    },
    dropConnections() {
      const dead = pool
      pool = openPool()
      dead.destroy(new SyncError('offline', `the connections to ${url} are dead`)).catch(() => undefined)
    },
    async close() {
      await pool.destroy()
    },
  }
}

function lengthOf(body: HttpRequest['body']): Record<string, string> {
  if (body === undefined || body instanceof Uint8Array) return {}
  return { 'content-length': String(body.reduce((sum, piece) => sum + piece.length, 0)) }
}

function bodyOf(body: HttpRequest['body']): Uint8Array | Readable | null {
  if (body === undefined || body instanceof Uint8Array) return body ?? null
  return Readable.from(body, { objectMode: false })
}

async function* guarded(url: string, body: Readable): AsyncIterable<Uint8Array> {
  try {
    yield* piecesOf(body)
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

function unreachable(url: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  return new SyncError('offline', unreachableReason(url, cause), { cause })
}

function tooLarge(request: HttpRequest): SyncError {
  return new SyncError(
    'too-large',
    `the answer to ${request.method} ${request.path} is over ${LIMITS.messageBytes} bytes`,
  )
}

function first(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? ''
}
