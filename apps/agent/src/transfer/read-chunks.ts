import { createChunker } from '@causeway/engine'
import type { OpenFile } from '@causeway/replica'

/** One slice of a file as it was read. */
export interface ReadChunk {
  readonly offset: number
  readonly bytes: Uint8Array
}

const READ_BYTES = 2 * 1024 * 1024

/**
 * The content-defined chunks of a file, in order, up to where it ends now. The
 * next read is under way while the last one is used; no more than two are held
 * here. A chunk's bytes may share memory with its neighbours'.
 */
export async function* readChunks(file: OpenFile, signal: AbortSignal): AsyncGenerator<ReadChunk> {
  const chunker = createChunker()
  let open: Uint8Array[] = []
  let offset = 0
  let position = 0

  function close(last: Uint8Array): ReadChunk {
    const bytes = open.length === 0 ? last : Buffer.concat([...open, last])
    open = []
    const chunk = { offset, bytes }
    offset += bytes.length
    return chunk
  }

  let next = file.read(0, READ_BYTES)
  try {
    for (;;) {
      const piece = await next
      signal.throwIfAborted()
      if (piece.length === 0) break
      position += piece.length
      next = file.read(position, READ_BYTES)
      const before = open.reduce((sum, part) => sum + part.length, 0)
      let from = 0
      let length = before
      for (const cut of chunker.push(piece)) {
        const to = from + cut - length
        yield close(piece.subarray(from, to))
        from = to
        length = 0
      }
      if (from < piece.length) open.push(piece.subarray(from))
    }
    if (chunker.finish() !== null) yield close(new Uint8Array(0))
  } finally {
    // The file must not be closed under a read, and a failed one was told of by the loop.
    await next.catch(() => undefined)
  }
}
