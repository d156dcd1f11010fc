import type { FileHandle } from 'node:fs/promises'
import { fill } from './pack-reader.ts'
import { bodyIsSound, decodeHeader, HEADER_BYTES, MAGIC, MAX_STORED_BYTES, type RecordHeader } from './record.ts'

export interface FoundRecord {
  readonly header: RecordHeader
  readonly offset: number
}

const WINDOW_BYTES = 4 * 1024 * 1024

/**
 * Finds every complete record of a pack from an offset on. What is none (a torn end, a damaged
 * header or body) is passed over: the search goes on at the next header.
 */
export async function* scanPack(handle: FileHandle, from = 0): AsyncGenerator<FoundRecord> {
  let start = from
  for (;;) {
    const buffer = Buffer.allocUnsafe(WINDOW_BYTES)
    const window = buffer.subarray(0, await fill(handle, buffer, start))
    const isLast = window.length < WINDOW_BYTES
    let at = 0
    while (at >= 0 && (isLast || at <= WINDOW_BYTES - HEADER_BYTES - MAX_STORED_BYTES)) {
      const header = decodeHeader(window.subarray(at, at + HEADER_BYTES))
      const end = at + HEADER_BYTES + (header?.storedSize ?? 0)
      if (header && bodyIsSound(header, window.subarray(at + HEADER_BYTES, end))) {
        yield { header, offset: start + at }
        at = end
      } else {
        at = window.indexOf(MAGIC, at + 1)
      }
    }
    if (isLast) return
    // No header begins in the rest of the window, unless its magic is cut by the window's edge.
    start += at >= 0 ? at : WINDOW_BYTES - MAGIC.length + 1
  }
}

/** The same for a pack, or its end, that is in memory. */
export function* recordsIn(bytes: Buffer): Generator<FoundRecord> {
  for (let at = 0; at >= 0 && at < bytes.length;) {
    const header = decodeHeader(bytes.subarray(at, at + HEADER_BYTES))
    const end = at + HEADER_BYTES + (header?.storedSize ?? 0)
    if (header && bodyIsSound(header, bytes.subarray(at + HEADER_BYTES, end))) {
      yield { header, offset: at }
      at = end
    } else {
      at = bytes.indexOf(MAGIC, at + 1)
    }
  }
}

/** Where the last record ends, if nothing but whole records lies before it: undefined where more records can't follow. */
export async function cleanEnd(handle: FileHandle, size: number): Promise<number | undefined> {
  const bytes = Buffer.alloc(HEADER_BYTES)
  let at = 0
  while (at < size) {
    const length = await fill(handle, bytes, at)
    const header = decodeHeader(bytes.subarray(0, length))
    if (!header) return undefined
    at += HEADER_BYTES + header.storedSize
  }
  return at === size ? at : undefined
}
