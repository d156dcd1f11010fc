import { LIMITS, type ChunkId } from '@causeway/protocol'
import type { Chunker } from '@causeway/engine'

export interface CutChunk {
  readonly hash: ChunkId
  readonly bytes: Uint8Array<ArrayBuffer>
}

const READ_BYTES = 4 * 1024 * 1024

/**
 * The chunks of a file, some at a time, each cut where every node would cut
 * it. A file of up to `LIMITS.inlineBytes` is one chunk, the empty file none.
 * `whole` is given every byte once, in order. Not more than one read and one
 * open chunk are held.
 */
export async function* cutFile(
  file: Blob,
  { chunker, whole, digest, readBytes = READ_BYTES }: Cutting,
): AsyncGenerator<readonly CutChunk[]> {
  if (file.size <= LIMITS.inlineBytes) {
    const bytes = await bytesOf(file, 0, file.size)
    whole(bytes)
    if (bytes.length > 0) yield [{ hash: await digest(bytes), bytes }]
    return
  }
  let open: Uint8Array<ArrayBuffer> = new Uint8Array()
  for (let at = 0; at < file.size; at += readBytes) {
    const piece = await bytesOf(file, at, Math.min(at + readBytes, file.size))
    whole(piece)
    const lengths = chunker.push(piece)
    const bytes = joined(open, piece)
    if (at + readBytes >= file.size) {
      const last = chunker.finish()
      if (last !== null) lengths.push(last)
    }
    let from = 0
    const cut = lengths.map((length) => bytes.subarray(from, (from += length)))
    open = bytes.slice(from)
    if (cut.length > 0) yield await Promise.all(cut.map(async (chunk) => ({ hash: await digest(chunk), bytes: chunk })))
  }
}

export interface Cutting {
  readonly chunker: Chunker
  whole(bytes: Uint8Array): void
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<ChunkId>
  readonly readBytes?: number
}

async function bytesOf(file: Blob, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await file.slice(from, to).arrayBuffer())
  if (bytes.length !== to - from) throw new Error('the file became shorter while it was read')
  return bytes
}

function joined(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (a.length === 0) return b
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}
