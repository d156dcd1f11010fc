import { hash as hashOf } from 'node:crypto'
import { CDC_64K, createChunker } from '@causeway/engine'
import { createSlabs, type HashStream, type HashWorkers, type Slab, type Slabs } from '@causeway/packing'
import { isChunkId, isContentHash, SyncError, type ChunkId, type ContentHash } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import {
  INLINE_READER,
  throwUnfinished,
  type ContentChunk,
  type ContentReader,
  type ContentReading,
  type ContentSummary,
} from './content-reader.ts'

/** Up to this, hashing here takes less time than the threads may take to start. */
const INLINE_BYTES = 8 * 1024 * 1024
/** Room before what is read into a slab, for the chunk that the slab before left open. */
const HEAD_BYTES = CDC_64K.maxBytes
const READ_BYTES = 2 * 1024 * 1024
/** Slabs that are read and hashed before they are asked for. */
const AHEAD = 3
/** Slabs whose chunks nobody released yet, beyond which chunks are copied out. */
const MOST_HELD = 32
const KEPT = 8

/**
 * Reads in the thread pool, hashes on other threads; only the cutting is done
 * here. Small files are read by `INLINE_READER`.
 */
export function createThreadedReader(workers: HashWorkers, inlineBytes = INLINE_BYTES): ContentReader {
  const slabs = createSlabs({ slabBytes: HEAD_BYTES + READ_BYTES, kept: KEPT })
  return {
    read: (file, signal) =>
      file.stat.size <= inlineBytes ? INLINE_READER.read(file, signal) : readInSlabs(file, { workers, slabs, signal }),
  }
}

interface Reading {
  readonly workers: HashWorkers
  readonly slabs: Slabs
  readonly signal: AbortSignal
}

function readInSlabs(file: OpenFile, { workers, slabs, signal }: Reading): ContentReading {
  let summary: ContentSummary | undefined

  async function* chunks(): AsyncGenerator<ContentChunk> {
    const whole = workers.stream()
    const held = countHeld(slabs)
    const cutter = createCutter(file, { whole, workers, take: held.take })
    const ready: CutSlab[] = []
    let sizeBytes = 0
    try {
      for (let isMore = true; ;) {
        while (isMore && ready.length <= AHEAD) {
          const next = await cutter.next()
          signal.throwIfAborted()
          if (next === undefined) isMore = false
          else ready.push(next)
        }
        const first = ready[0]
        if (first === undefined) break
        const hashes = await first.hashed
        signal.throwIfAborted()
        const isCopied = held.count() > MOST_HELD
        for (const [index, { from, to }] of first.chunks.entries()) {
          const chunk = { hash: hashes[index] ?? throwUnfinished(), size: to - from, offset: sizeBytes }
          sizeBytes += chunk.size
          yield isCopied ? copied(chunk, first.slab, from) : lent(chunk, first.slab, from)
          signal.throwIfAborted()
        }
        ready.shift()
        first.slab.release()
      }
      summary = { hash: asContentHash(await whole.digest()), sizeBytes }
    } finally {
      // The file must not be closed under a read, nor a slab be filled again while it is hashed.
      await cutter.end()
      await Promise.allSettled(ready.map(({ hashed }) => hashed))
      for (const { slab } of ready) slab.release()
      whole.end()
    }
  }

  return { [Symbol.asyncIterator]: () => chunks(), summary: () => summary ?? throwUnfinished() }
}

function lent(chunk: Pick<ContentChunk, 'hash' | 'size' | 'offset'>, slab: Slab, from: number): ContentChunk {
  slab.hold()
  let isLent = true
  return {
    ...chunk,
    bytes: slab.bytes.subarray(from, from + chunk.size),
    release() {
      if (isLent) slab.release()
      isLent = false
    },
  }
}

/** For who keeps so much that nothing may be lent any more. */
function copied(chunk: Pick<ContentChunk, 'hash' | 'size' | 'offset'>, slab: Slab, from: number): ContentChunk {
  return { ...chunk, bytes: Buffer.from(slab.bytes.subarray(from, from + chunk.size)), release: () => undefined }
}

/** Counts the slabs of one reading that have a user. */
function countHeld(slabs: Slabs) {
  let held = 0
  return {
    count: () => held,
    take(): Slab {
      const slab = slabs.take()
      let users = 1
      held++
      return {
        ...slab,
        hold() {
          users++
          slab.hold()
        },
        release() {
          if (--users === 0) held--
          slab.release()
        },
      }
    },
  }
}

interface CutSlab {
  readonly slab: Slab
  readonly chunks: readonly { readonly from: number; readonly to: number }[]
  /** Of each chunk; once it has settled, no thread reads the slab any more. */
  readonly hashed: Promise<readonly ChunkId[]>
}

interface CutterOptions {
  readonly workers: HashWorkers
  readonly whole: HashStream
  take(): Slab
}

/** Reads a file slab by slab, cuts each, and has it hashed. */
function createCutter(file: OpenFile, { workers, whole, take }: CutterOptions) {
  const chunker = createChunker()
  let position = 0
  let read: Read | undefined = startRead()
  /** The end of the last slab, which belongs to a chunk that goes on. */
  let open: { slab: Slab; bytes: Uint8Array } | undefined

  function startRead(): Read {
    const slab = take()
    // One byte more than there was shows that the file grew.
    const wanted = Math.min(READ_BYTES, file.stat.size + 1 - position)
    const length = file.readInto(slab.bytes.subarray(HEAD_BYTES, HEAD_BYTES + wanted), position)
    // Told of when its turn comes.
    length.catch(() => undefined)
    return { slab, wanted, length }
  }

  /** Puts what is open before what was read, where the chunk goes on. */
  function takeOver(slab: Slab): number {
    if (open === undefined) return HEAD_BYTES
    const from = HEAD_BYTES - open.bytes.length
    slab.bytes.set(open.bytes, from)
    open.slab.release()
    open = undefined
    return from
  }

  return {
    /** The next slab, whose user is the caller; `undefined` at the end. */
    async next(): Promise<CutSlab | undefined> {
      if (read === undefined) return undefined
      const { slab, wanted } = read
      const length = await read.length
      const end = HEAD_BYTES + length
      position += length
      const isLast = length < wanted || position > file.stat.size
      read = isLast ? undefined : startRead()
      let from = takeOver(slab)
      const chunks: { from: number; to: number }[] = []
      for (const size of chunker.push(slab.bytes.subarray(HEAD_BYTES, end))) chunks.push({ from, to: (from += size) })
      const last = isLast ? chunker.finish() : null
      if (last !== null) chunks.push({ from, to: from + last })
      else if (from < end) {
        slab.hold()
        open = { slab, bytes: slab.bytes.subarray(from, end) }
      }
      const hashed = settled([hashChunks(slab, chunks, workers), whole.update(slab.shared, HEAD_BYTES, end)])
      hashed.catch(() => undefined)
      return { slab, chunks, hashed }
    },
    async end(): Promise<void> {
      await read?.length.catch(() => undefined)
      read?.slab.release()
      open?.slab.release()
      read = undefined
      open = undefined
    },
  }
}

interface Read {
  readonly slab: Slab
  readonly wanted: number
  readonly length: Promise<number>
}

/** The first result, once both are done, be it by failing. */
async function settled<T>(work: readonly [Promise<T>, Promise<void>]): Promise<T> {
  await Promise.allSettled(work)
  await work[1]
  return work[0]
}

async function hashChunks(slab: Slab, chunks: CutSlab['chunks'], workers: HashWorkers): Promise<readonly ChunkId[]> {
  const known = chunks.map(({ from, to }) => hashOfZeros(slab.bytes.subarray(from, to)))
  const others = chunks.filter((_, index) => known[index] === undefined)
  if (others.length === 0) return known.map(asChunkId)
  const hashes = await workers.stretches(
    slab.shared,
    others.map(({ from, to }) => ({ from, to, inflated: null, checked: false })),
  )
  let next = 0
  return known.map((hash) => asChunkId(hash ?? hashes[next++]?.hash))
}

const ZEROS = new Uint8Array(CDC_64K.maxBytes)
let longestZeros: ChunkId | undefined

/** A hole is cut into chunks of the greatest size: their hash is taken once. */
function hashOfZeros(bytes: Uint8Array): ChunkId | undefined {
  if (bytes.length !== ZEROS.length || Buffer.compare(bytes, ZEROS) !== 0) return undefined
  return (longestZeros ??= asChunkId(hashOf('sha256', ZEROS)))
}

function asChunkId(text: string | undefined): ChunkId {
  if (text === undefined || !isChunkId(text)) throw new SyncError('internal', `${text} is no hash`)
  return text
}

function asContentHash(text: string): ContentHash {
  if (!isContentHash(text)) throw new SyncError('internal', `${text} is no hash`)
  return text
}
