import { openChunk, packChunk, usedUp, type HashWorkers } from '@causeway/packing'
import {
  CHUNK_FRAME_HEADER_BYTES,
  SyncError,
  chunkFrameParts,
  decodeChunkFrames,
  type ChunkFrame,
  type NamedBytes,
} from '@causeway/protocol'
import { createBuffers, type LentBuffer } from './buffers.ts'

/** Makes request bodies of chunks, in memory that is used again. */
export interface ChunkPacker {
  /**
   * The frames of these chunks, one after another: a single write costs less
   * than one for each, even with the copying. Chunks that do not shrink travel
   * plain. Whoever is done with the body releases it.
   */
  pack(chunks: readonly NamedBytes[]): Promise<LentBuffer>
}

export function createChunkPacker(): ChunkPacker {
  const buffers = createBuffers()
  return {
    async pack(chunks) {
      const frames = await Promise.all(chunks.map(packChunk))
      const sizeBytes = frames.reduce((sum, { bytes }) => sum + CHUNK_FRAME_HEADER_BYTES + bytes.length, 0)
      const body = buffers.lend(sizeBytes)
      let at = 0
      for (const part of frames.flatMap((frame) => chunkFrameParts(frame))) {
        body.bytes.set(part, at)
        at += part.length
      }
      return body
    },
  }
}

/** Frames that are checked together. */
const GROUP_BYTES = 1024 * 1024
/** Up to this, checking bytes here takes less time than having them checked. */
const INLINE_BYTES = 256 * 1024

/**
 * The chunks of a stream of frames, inflated and each checked against its
 * hash: on other threads where there are any, while the next ones arrive.
 * What came whole before the stream broke off, or before a chunk that is not
 * what it is named (`chunk-corrupt`), is handed on first. Each chunk has
 * memory of its own; the pieces of the stream are used up.
 */
export async function* openFrames(
  stream: AsyncIterable<Uint8Array>,
  workers?: HashWorkers,
): AsyncGenerator<NamedBytes> {
  let frames: ChunkFrame[] = []
  let bytes = 0
  let opening: Promise<Opened> | undefined
  let failure: { error: unknown } | undefined

  async function* next(): AsyncGenerator<NamedBytes> {
    const opened = await opening
    opening = frames.length > 0 ? openGroup(frames, workers) : undefined
    frames = []
    bytes = 0
    yield* opened?.chunks ?? []
    if (opened?.failure !== undefined) throw opened.failure.error
  }

  const source = decodeChunkFrames(usedUp(stream), (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes))
  const arriving = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const frame = await arriving.next().catch((error: unknown) => {
        failure = { error }
        return undefined
      })
      if (frame === undefined || frame.done === true) break
      frames.push(frame.value)
      bytes += frame.value.bytes.length
      if (bytes >= GROUP_BYTES) yield* next()
    }
    while (frames.length > 0 || opening !== undefined) yield* next()
    if (failure !== undefined) throw failure.error
  } finally {
    await arriving.return?.()
  }
}

interface Opened {
  readonly chunks: readonly NamedBytes[]
  /** Why there are no more. */
  readonly failure?: { readonly error: unknown }
}

/** Never rejects. */
async function openGroup(frames: readonly ChunkFrame[], workers: HashWorkers | undefined): Promise<Opened> {
  const plain = frames.filter(({ compressed }) => !compressed)
  const plainBytes = plain.reduce((sum, frame) => sum + frame.bytes.length, 0)
  const elsewhere = workers !== undefined && plainBytes > INLINE_BYTES ? openElsewhere(plain, workers) : undefined
  const opened = await Promise.allSettled(
    frames.map(async (frame) => {
      return elsewhere === undefined || frame.compressed ? openChunk(frame) : (await elsewhere).get(frame)
    }),
  )
  const chunks: NamedBytes[] = []
  for (const [index, result] of opened.entries()) {
    if (result.status === 'rejected') return { chunks, failure: { error: result.reason } }
    if (result.value === undefined) {
      const message = `the bytes that came for chunk ${frames[index]?.hash} are others`
      return { chunks, failure: { error: new SyncError('chunk-corrupt', message) } }
    }
    chunks.push(result.value)
  }
  return { chunks }
}

/** Those of the frames that are what they are named. */
async function openElsewhere(
  frames: readonly ChunkFrame[],
  workers: HashWorkers,
): Promise<ReadonlyMap<ChunkFrame, NamedBytes>> {
  const { buffers, hashes } = await workers.lent(frames.map(({ bytes }) => ownBuffer(bytes)))
  const sound = new Map<ChunkFrame, NamedBytes>()
  for (const [index, frame] of frames.entries()) {
    const buffer = buffers[index]
    if (buffer === undefined || hashes[index] !== frame.hash) continue
    sound.set(frame, { hash: frame.hash, bytes: new Uint8Array(buffer) })
  }
  return sound
}

function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length ? buffer : new Uint8Array(bytes).buffer
}
