import type { Readable } from 'node:stream'

/**
 * The pieces of a stream as they came: iterating the stream itself joins what
 * waits, which copies all of it. Leaving the loop destroys the stream.
 */
export async function* piecesOf(stream: Readable): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = []
  let end: { error: unknown } | 'ended' | undefined
  let wake: () => void = () => undefined
  const took = (piece: Uint8Array): void => {
    waiting.push(piece)
    stream.pause()
    wake()
  }
  const ended = (): void => {
    end ??= 'ended'
    wake()
  }
  const failed = (error: unknown): void => {
    end ??= { error }
    wake()
  }
  const closed = (): void => failed(new Error('the stream was closed before its end'))
  // Stays until the end: a stream that nobody listens to any more must not throw its error into the void.
  stream.on('error', failed)
  stream.on('data', took)
  stream.on('end', ended)
  stream.on('close', closed)
  if (stream.destroyed && !stream.readableEnded) closed()
  try {
    for (;;) {
      const piece = waiting.shift()
      if (piece !== undefined) {
        yield piece
      } else if (end !== undefined) {
        if (end !== 'ended') throw end.error
        return
      } else {
        const woken = new Promise<void>((resolve) => (wake = resolve))
        stream.resume()
        await woken
      }
    }
  } finally {
    stream.off('data', took)
    stream.off('end', ended)
    stream.off('close', closed)
    if (end !== 'ended') stream.destroy()
  }
}

/**
 * Gives the memory of each piece back once the next is asked for: memory that
 * is only collected in time makes the collector run every few dozen megabytes.
 */
export async function* usedUp(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece
    free(piece)
  }
}

/** Smaller ones are left to the collector: a call costs as much as they do. */
const FREED_BYTES = 4 * 1024

/**
 * Gives the memory of bytes back at once, where they fill a buffer of their
 * own: they have no length from then on. Others are left as they are. Only
 * for who knows that nobody else uses them.
 */
export function free(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== bytes.length || bytes.length < FREED_BYTES) return
  buffer.transfer(0)
}
