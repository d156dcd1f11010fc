import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { free, piecesOf, usedUp } from '@causeway/packing'
import {
  CHUNK_FRAMES_TYPE,
  chunkFrameParts,
  decode,
  encode,
  LIMITS,
  mostInflated,
  SyncError,
  type ChunkFrame,
} from '@causeway/protocol'
import type { z } from 'zod'
import type { WireObserver } from '../ports/observations.ts'

/** Who counts bytes. */
type Observed = Pick<WireObserver, 'received' | 'sent'>

const CBOR_TYPE = 'application/cbor'

const compressLater = promisify(zstdCompress)
const decompressLater = promisify(zstdDecompress)
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }
const COMPRESS_FROM_BYTES = 1024
/** Up to this, the work itself is shorter than a trip through the thread pool. */
const AT_ONCE_BYTES = 32 * 1024

/** Teaches a server to take CBOR messages (plain or zstd, bounded both ways) and streams of chunk frames. */
export function addLinkBodies(app: FastifyInstance): void {
  const whole = { parseAs: 'buffer', bodyLimit: LIMITS.messageBytes } as const
  app.addContentTypeParser(CBOR_TYPE, whole, async (request: FastifyRequest, body: Buffer) => {
    return inflate(request, body)
  })
  app.addContentTypeParser(CHUNK_FRAMES_TYPE, (_request, payload, done) => done(null, payload))
}

/** The message of a request. Throws `bad-request`, or `too-large`. */
export function readMessage<Schema extends z.ZodType>(request: FastifyRequest, schema: Schema): z.infer<Schema> {
  if (!(request.body instanceof Uint8Array)) throw new SyncError('bad-request', `the body must be ${CBOR_TYPE}`)
  return decode(schema, request.body)
}

/**
 * The frames of a request, as they arrive. A piece is gone once the next is
 * asked for. Whoever leaves early waits until the rest has come and was
 * dropped: a node that is cut off while it sends never reads why it was refused.
 */
export function readStream(request: FastifyRequest, observe: Observed): AsyncIterable<Uint8Array> {
  const { body } = request
  if (!(body instanceof Readable)) throw new SyncError('bad-request', `the body must be ${CHUNK_FRAMES_TYPE}`)
  const pieces = restDropped(usedUp(piecesOf(body)))
  // A body of announced length is counted with its request.
  return request.headers['content-length'] === undefined ? metered(pieces, observe) : pieces
}

async function* restDropped(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value
  } finally {
    await dropRest(pieces).catch(() => undefined)
  }
}

/** A body over the limit is cut off all the same. */
async function dropRest(pieces: AsyncGenerator<Uint8Array>): Promise<void> {
  for (let left: number = LIMITS.inflatedBytes; left > 0;) {
    const next = await pieces.next()
    if (next.done === true) return
    left -= next.value.length
  }
  await pieces.return(undefined)
}

/** Answers with a message; compressed where the node takes that and it pays, but not by so much that the node would refuse it. */
export async function sendMessage(
  request: FastifyRequest,
  reply: FastifyReply,
  message: unknown,
): Promise<FastifyReply> {
  const plain = encode(message)
  const takesZstd = /\bzstd\b/.test(request.headers['accept-encoding']?.toString() ?? '')
  const packed = takesZstd && plain.length >= COMPRESS_FROM_BYTES ? await compress(plain) : plain
  const pays = packed.length < plain.length && plain.length <= mostInflated(packed.length)
  const small = pays ? packed : plain
  if (small !== plain) reply.header('content-encoding', 'zstd')
  return reply.type(CBOR_TYPE).send(Buffer.from(small.buffer, small.byteOffset, small.length))
}

/**
 * Answers with groups of frames, of which the first must be there: what it
 * fails with is answered as any error is. Uses their memory up.
 */
export async function sendFrames(
  reply: FastifyReply,
  { wireBytes, groups }: { readonly wireBytes: number; readonly groups: AsyncIterable<readonly ChunkFrame[]> },
  observe: Observed,
): Promise<void> {
  const source = groups[Symbol.asyncIterator]()
  const { raw } = reply
  let isBegun = false
  try {
    const first = await source.next()
    reply.hijack()
    isBegun = true
    const body = { 'content-type': CHUNK_FRAMES_TYPE, 'content-length': wireBytes }
    raw.writeHead(200, { ...body, 'cache-control': 'no-store' })
    for (let group = first; group.done !== true && !raw.destroyed; group = await source.next()) {
      writeGroup(raw, group.value, observe)
      if (raw.writableNeedDrain) await drained(raw)
    }
    raw.end()
  } catch (error) {
    if (!isBegun) throw error
    // The rest does not come: whoever reads must not take what came for all.
    raw.destroy()
  } finally {
    await source.return?.()
  }
}

/** In one write: a call for each frame would cost more than its bytes. */
function writeGroup(raw: ServerResponse, frames: readonly ChunkFrame[], observe: Observed): void {
  const parts = frames.flatMap((frame) => chunkFrameParts(frame))
  const freeAll = (error?: Error | null): void => {
    // After an error the system may still have its hands on them.
    if (error || raw.destroyed) return
    for (const buffer of new Set(frames.map(({ bytes }) => bytes.buffer))) free(new Uint8Array(buffer))
  }
  raw.cork()
  for (const [index, part] of parts.entries()) {
    observe.sent(part.length)
    raw.write(part, index === parts.length - 1 ? freeAll : undefined)
  }
  raw.uncork()
}

/** Resolves once more may be written, or nothing ever again. */
function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done)
      raw.off('close', done)
      resolve()
    }
    raw.on('drain', done)
    raw.on('close', done)
    if (raw.destroyed) done()
  })
}

async function inflate(request: FastifyRequest, body: Buffer): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'zstd') throw new SyncError('bad-request', `bodies come plain or as zstd, not as ${encoding}`)
  const mostBytes = mostInflated(body.length)
  const bounds = { maxOutputLength: mostBytes }
  try {
    return body.length <= AT_ONCE_BYTES / 4 ? zstdDecompressSync(body, bounds) : await decompressLater(body, bounds)
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new SyncError('too-large', `the body of ${body.length} bytes inflates to more than ${mostBytes} bytes`, {
        cause,
      })
    }
    throw new SyncError('bad-request', 'the body is no zstd frame', { cause })
  }
}

async function compress(plain: Uint8Array): Promise<Uint8Array> {
  return plain.length <= AT_ONCE_BYTES ? zstdCompressSync(plain, LEVEL) : compressLater(plain, LEVEL)
}

async function* metered(body: AsyncIterable<Uint8Array>, observe: Observed): AsyncIterable<Uint8Array> {
  for await (const piece of body) {
    observe.received(piece.length)
    yield piece
  }
}
