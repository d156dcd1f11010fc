import { createHash, hash as hashOf, type Hash as Hasher } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { constants, crc32, zstdDecompressSync } from 'node:zlib'
import type { Stretch, StretchHash, WorkerAnswer, WorkerResult, WorkerTask } from './worker-messages.ts'

// Nothing of ours is imported but types: a worker that loads nothing starts in a fraction of the time.

interface Stream {
  readonly whole: Hasher
  readonly blockBytes: number
  readonly blocks: number[]
  open: number
  filled: number
}

// As everywhere: a frame that wants a larger window is not ours.
const WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 }

const streams = new Map<number, Stream>()

parentPort?.on('message', ({ id, task }: { id: number; task: WorkerTask }) => {
  let answer: WorkerAnswer
  try {
    answer = { id, result: run(task) }
  } catch (error) {
    answer = { id, problem: error instanceof Error ? error.message : String(error) }
  }
  if (task.kind === 'lent') parentPort?.postMessage({ ...answer, buffers: task.buffers }, [...task.buffers])
  else parentPort?.postMessage(answer)
})

function run(task: WorkerTask): WorkerResult {
  switch (task.kind) {
    case 'stretches':
      return task.stretches.map((stretch) => hashStretch(viewOf(task.bytes, stretch.from, stretch.to), stretch))
    case 'lent':
      return task.buffers.map((buffer) => ({ hash: hashOf('sha256', new Uint8Array(buffer)), checksum: 0 }))
    case 'update':
      update(streamOf(task.stream, task.blockBytes), viewOf(task.bytes, task.from, task.to))
      return null
    case 'digest':
      return digest(streamOf(task.stream, 0))
    case 'end':
      streams.delete(task.stream)
      return null
  }
}

function hashStretch(bytes: Uint8Array, { inflated, checked }: Stretch): StretchHash {
  const plain = inflated === null ? bytes : inflate(bytes, inflated)
  return { hash: plain === undefined ? '' : hashOf('sha256', plain), checksum: checked ? crc32(bytes) : 0 }
}

/** Undefined where the bytes are no zstd frame of just this many bytes; never makes more. */
function inflate(bytes: Uint8Array, size: number): Uint8Array | undefined {
  try {
    const plain = zstdDecompressSync(bytes, { maxOutputLength: size, params: WINDOW })
    return plain.length === size ? plain : undefined
  } catch {
    return undefined
  }
}

function streamOf(id: number, blockBytes: number): Stream {
  const known = streams.get(id)
  if (known !== undefined) return known
  const stream = { whole: createHash('sha256'), blockBytes, blocks: [], open: 0, filled: 0 }
  streams.set(id, stream)
  return stream
}

function update(stream: Stream, bytes: Uint8Array): void {
  stream.whole.update(bytes)
  if (stream.blockBytes === 0) return
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + stream.blockBytes - stream.filled)
    stream.open = crc32(piece, stream.open)
    stream.filled += piece.length
    at += piece.length
    if (stream.filled === stream.blockBytes) closeBlock(stream)
  }
}

function digest(stream: Stream): { hash: string; blocks: readonly number[] } {
  const open = stream.filled > 0 ? [stream.open] : []
  return { hash: stream.whole.copy().digest('hex'), blocks: [...stream.blocks, ...open] }
}

function closeBlock(stream: Stream): void {
  stream.blocks.push(stream.open)
  stream.open = 0
  stream.filled = 0
}

function viewOf(bytes: ArrayBufferLike, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes, from, to - from)
}
