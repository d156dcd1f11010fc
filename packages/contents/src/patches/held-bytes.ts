import { SyncError, type ChunkId, type ChunkRef, type ContentHash } from '@causeway/protocol'
import type { MetadataStore } from '@causeway/store'
import { createByteLimitedMap, encodedList } from '@causeway/log'
import type { ChunkDepot } from '../chunk-depot.ts'
import { createRecentBytes } from '../recent-bytes.ts'
import { chunkList, chunksWithin, type ChunkList } from './chunk-list.ts'

/** Contents that the coordinator holds, as a delta's base or as what a delta is to make. */
export interface HeldBytes {
  /** Its chunk list; undefined for a content that nobody has sent. */
  list(content: ContentHash): Promise<ChunkList | undefined>
  /**
   * Some bytes of a content, rehashed chunk by chunk. Throws `chunk-missing`
   * or `chunk-corrupt` where a chunk is not held any more, `manifest-invalid`
   * where the list is wrong, and a `RangeError` where the content is shorter. The bytes may be shared: nobody may write to them.
   */
  bytes(list: ChunkList, region: { readonly offset: number; readonly length: number }): Promise<Uint8Array>
}

/** Neighbouring deltas use the same region: its chunks are read and decompressed once. */
const PLAIN_BYTES = 16 * 1024 * 1024
const LISTS_BYTES = 16 * 1024 * 1024
const LIST_BYTES = 200

export function createHeldBytes({
  metadata,
  depot,
}: {
  readonly metadata: MetadataStore
  readonly depot: Pick<ChunkDepot, 'plain' | 'recent'>
}): HeldBytes {
  const lists = createByteLimitedMap<ChunkList>(LISTS_BYTES)
  const plain = createRecentBytes(PLAIN_BYTES)

  async function chunk({ hash, size }: ChunkRef, content: ContentHash): Promise<Uint8Array> {
    const bytes = plain.get(hash) ?? depot.recent(hash) ?? (await stored(hash, content))
    if (bytes.length === size) return bytes
    throw new SyncError('manifest-invalid', `chunk ${hash} of content ${content} has not ${size} bytes`)
  }

  async function stored(hash: ChunkId, content: ContentHash): Promise<Uint8Array> {
    const row = (await metadata.read((tx) => tx.chunks([hash])))[0]
    if (row === undefined) throw new SyncError('chunk-missing', `chunk ${hash} of content ${content} is not held here`)
    const bytes = await depot.plain(row)
    plain.put(hash, bytes)
    return bytes
  }

  return {
    async list(content) {
      const encoded = await metadata.read((tx) => encodedList(tx, content))
      if (encoded === undefined) return undefined
      // A content that was collected may have come again, cut otherwise.
      const kept = lists.get(content)
      if (kept !== undefined && Buffer.compare(kept.encoded, encoded) === 0) return kept
      const list = chunkList(content, encoded)
      lists.set(content, list, LIST_BYTES + encoded.length + list.ends.byteLength)
      return list
    },
    async bytes(list, { offset, length }) {
      if (offset + length > list.sizeBytes) {
        throw new RangeError(
          `bytes ${offset} to ${offset + length} of content ${list.content}, which has ${list.sizeBytes}`,
        )
      }
      const run = chunksWithin(list, offset, offset + length)
      const [first] = run.chunks
      if (first !== undefined && run.chunks.length === 1) {
        return (await chunk(first, list.content)).subarray(offset - run.offset, offset - run.offset + length)
      }
      const bytes = new Uint8Array(length)
      let at = run.offset - offset
      for (const ref of run.chunks) {
        const whole = await chunk(ref, list.content)
        bytes.set(whole.subarray(Math.max(0, -at), Math.min(ref.size, length - at)), Math.max(0, at))
        at += ref.size
      }
      return bytes
    },
  }
}
