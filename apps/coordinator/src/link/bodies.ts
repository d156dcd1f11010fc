import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CHUNK_FRAMES_TYPE, decode, encode, LIMITS, SyncError } from '@causeway/protocol'
import type { z } from 'zod'
import type { Meter } from '../live/meter.ts'

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

/** The frames of a request, as they arrive. */
export function readStream(request: FastifyRequest, meter: Meter): AsyncIterable<Uint8Array> {
  const { body } = request
  if (!isStream(body)) throw new SyncError('bad-request', `the body must be ${CHUNK_FRAMES_TYPE}`)
  // A body of announced length is counted with its request.
  return request.headers['content-length'] === undefined ? metered(body, meter) : body
}

/** Answers with a message; compressed where the node takes that and it pays. */
export async function sendMessage(
  request: FastifyRequest,
  reply: FastifyReply,
  message: unknown,
): Promise<FastifyReply> {
  const plain = encode(message)
  const takesZstd = /\bzstd\b/.test(request.headers['accept-encoding']?.toString() ?? '')
  const packed = takesZstd && plain.length >= COMPRESS_FROM_BYTES ? await compress(plain) : plain
  const small = packed.length < plain.length ? packed : plain
  if (small !== plain) reply.header('content-encoding', 'zstd')
  return reply.type(CBOR_TYPE).send(Buffer.from(small.buffer, small.byteOffset, small.length))
}

async function inflate(request: FastifyRequest, body: Buffer): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'zstd') throw new SyncError('bad-request', `bodies come plain or as zstd, not as ${encoding}`)
  const bounds = { maxOutputLength: LIMITS.inflatedBytes }
  try {
    return body.length <= AT_ONCE_BYTES / 4 ? zstdDecompressSync(body, bounds) : await decompressLater(body, bounds)
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new SyncError('too-large', `the body inflates to more than ${LIMITS.inflatedBytes} bytes`, { cause })
    }
    throw new SyncError('bad-request', 'the body is no zstd frame', { cause })
  }
}

async function compress(plain: Uint8Array): Promise<Uint8Array> {
  return plain.length <= AT_ONCE_BYTES ? zstdCompressSync(plain, LEVEL) : compressLater(plain, LEVEL)
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

async function* metered(body: AsyncIterable<Uint8Array>, meter: Meter): AsyncIterable<Uint8Array> {
  for await (const piece of body) {
    meter.received(piece.length)
    yield piece
  }
}
