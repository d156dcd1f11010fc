import { createHash, hash as hashOf } from 'node:crypto'
import { SyncError, type ChunkId, type ContentHash } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import { readChunks } from '../read-chunks.ts'

/** One content-defined chunk of a file, read and hashed. */
export interface ContentChunk {
  readonly hash: ChunkId
  readonly size: number
  readonly offset: number
  /** May share memory with its neighbours'. */
  readonly bytes: Uint8Array
  /**
   * Says that nobody uses `bytes` any more, so that their memory serves the
   * next read. It may be left out (the bytes are then collected as usual), and
   * must not come too early: they are gone, or others, from then on.
   */
  release(): void
}

/** What a content is as a whole, of the very bytes that its chunks had. */
export interface ContentSummary {
  readonly hash: ContentHash
  readonly sizeBytes: number
}

/** The reading of one file: to be iterated once. Leaving the loop early ends it; nothing is read from the file then. */
export interface ContentReading extends AsyncIterable<ContentChunk> {
  /** Throws `internal` before the last chunk was taken. */
  summary(): ContentSummary
}

/**
 * Reads files for sending: cuts and hashes them. It reads a few megabytes ahead
 * of who takes the chunks and then waits for them.
 */
export interface ContentReader {
  /**
   * Reads up to where the file ends now, but no more than one piece beyond the
   * size it was opened with: a file that keeps growing would be read for ever.
   * A file that shrinks ends early. Whether it stayed the same is the caller's
   * to check. Iterating throws what `signal` was aborted with, `io-error`, or
   * `internal` if the reading itself broke. The file must stay open until the
   * loop has ended, which it does only when nothing reads it any more.
   */
  read(file: OpenFile, signal: AbortSignal): ContentReading
}

/** Reads in this thread. */
export const INLINE_READER: ContentReader = { read: readInline }

function readInline(file: OpenFile, signal: AbortSignal): ContentReading {
  const whole = createHash('sha256')
  let size = 0
  let summary: ContentSummary | undefined

  async function* chunks(): AsyncGenerator<ContentChunk> {
    for await (const { bytes, offset } of readChunks(file, signal)) {
      whole.update(bytes)
      size += bytes.length
      yield { hash: hashOf('sha256', bytes) as ChunkId, size: bytes.length, offset, bytes, release: () => undefined }
      if (size > file.stat.size) break
    }
    summary = { hash: whole.digest('hex') as ContentHash, sizeBytes: size }
  }

  return {
    [Symbol.asyncIterator]: () => chunks(),
    summary: () => summary ?? throwUnfinished(),
  }
}

/** For implementations of `ContentReading.summary`. */
export function throwUnfinished(): never {
  throw new SyncError('internal', 'a content was summed up before it was read to its end')
}
