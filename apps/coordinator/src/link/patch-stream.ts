import { decodeManifest, encode, type ContentHash, type PatchItem } from '@causeway/protocol'
import type { Crossing } from '@causeway/contents'
import type { Hop } from '@causeway/log'
import type { WireObserver } from '../ports/observations.ts'

/** Whom a patch goes to, and who counts what it takes. */
export interface PatchPassage {
  readonly hop: Hop
  readonly content: ContentHash
  readonly observe: Pick<WireObserver, 'sent' | 'contentSent'>
}

/** Patch items as a body of `PATCH_TYPE`. */
export async function* encodePatchStream(
  items: AsyncIterable<PatchItem>,
  { hop, content, observe }: PatchPassage,
): AsyncIterable<Uint8Array> {
  for await (const item of items) {
    const body = encode(item)
    const bytes = new Uint8Array(HEAD_BYTES + body.length)
    new DataView(bytes.buffer).setUint32(0, body.length)
    bytes.set(body, HEAD_BYTES)
    observe.sent(bytes.length)
    const crossing = crossingOf(item, bytes.length)
    observe.contentSent(hop, content, crossing === null ? { listBytes: bytes.length } : { crossing })
    yield bytes
  }
}

const HEAD_BYTES = 4

/** Null for what tells of chunks and does not bring any. */
function crossingOf(item: PatchItem, wireBytes: number): Crossing | null {
  if (item.kind === 'delta') return { form: 'delta', plainBytes: plainBytesOf(item.delta.chunks), wireBytes }
  if (item.kind === 'chunk') return { form: 'plain', plainBytes: item.chunk.bytes.length, wireBytes }
  return null
}

function plainBytesOf(chunks: Uint8Array): number {
  return decodeManifest(chunks).reduce((sum, { size }) => sum + size, 0)
}
