import { createHash, hash as hashOf, type Hash as Hasher } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { constants, crc32, zstdDecompressSync } from 'node:zlib'
import type { Stretch, StretchHash, WorkerAnswer, WorkerResult, WorkerTask } from './worker-messages.ts'

// Nothing of ours is imported but types: a worker that loads nothing starts in a fraction of the time.

// As everywhere: a frame that wants a larger window is not ours.
const WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 }

const streams = new Map<number, Hasher>()

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
      streamOf(task.stream).update(viewOf(task.bytes, task.from, task.to))
      return null
    case 'digest':
      return streamOf(task.stream).copy().digest('hex')
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

function streamOf(id: number): Hasher {
  const known = streams.get(id)
  if (known !== undefined) return known
  const stream = createHash('sha256')
  streams.set(id, stream)
  return stream
}

function viewOf(bytes: ArrayBufferLike, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes, from, to - from)
}
