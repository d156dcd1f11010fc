import {
  decodeManifest,
  LIMITS,
  singleChunkManifest,
  SyncError,
  type ChunkId,
  type ContentHash,
  type FolderId,
  type Manifest,
} from '@causeway/protocol'
import type { MetadataStore } from '@causeway/store'
import type { ChunkDepot } from './chunk-depot.ts'

/** Part of a content: `end` is the first byte that no longer belongs to it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The bytes of a content that a folder has, chunk after chunk, each rehashed. Throws
 * `chunk-missing` before the first byte where its chunk list is not held, or is not the folder's.
 */
export async function readContent(
  { metadata, depot }: { readonly metadata: MetadataStore; readonly depot: Pick<ChunkDepot, 'plain'> },
  { folder, hash, size }: { readonly folder: FolderId; readonly hash: ContentHash; readonly size: number },
  range: ByteRange = { start: 0, end: size },
): Promise<AsyncIterable<Uint8Array>> {
  const [manifest, own] = await metadata.read((tx) => {
    return Promise.all([tx.manifest(hash), tx.contentsFor({ folder, reads: [] }, [hash])])
  })
  // A version may name it whose list was wrong, while another folder has the content itself.
  if (size > 0 && !own.has(hash)) throw new SyncError('chunk-missing', `content ${hash} is not held in ${folder}`)
  if (manifest === undefined && size > LIMITS.chunkBytes) {
    throw new SyncError('chunk-missing', `the chunk list of content ${hash} is not held here`)
  }
  const chunks: Manifest = manifest === undefined ? singleChunkManifest(hash, size) : decodeManifest(manifest)
  const wanted = overlapping(chunks, range)

  return (async function* () {
    for (const { chunk, from, to } of wanted) {
      const row = (await metadata.read((tx) => tx.chunks([chunk])))[0]
      if (row === undefined) throw new SyncError('chunk-missing', `chunk ${chunk} of content ${hash} is not held here`)
      yield (await depot.plain(row)).subarray(from, to)
    }
  })()
}

function overlapping(
  manifest: Manifest,
  { start, end }: ByteRange,
): readonly { readonly chunk: ChunkId; readonly from: number; readonly to: number }[] {
  let at = 0
  return manifest.flatMap(({ hash, size }) => {
    const from = Math.max(0, start - at)
    const to = Math.min(size, end - at)
    at += size
    return from < to ? [{ chunk: hash, from, to }] : []
  })
}
