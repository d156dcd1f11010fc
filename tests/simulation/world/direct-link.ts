import { NO_DELTAS } from '../../../apps/agent/src/link/test-support/no-deltas.ts'
import type { CoordinatorLink } from '../../../apps/agent/src/ports.ts'
import type { Coordinator } from '../../../apps/coordinator/src/coordinator.ts'
import {
  ChangeBatchSchema,
  ChangesRequestSchema,
  CommitRequestSchema,
  CommitResponseSchema,
  DigestEntriesRequestSchema,
  DigestEntriesResponseSchema,
  DigestRequestSchema,
  DigestResponseSchema,
  decode,
  encode,
  encodeChunkFrame,
  SyncError,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type NamedBytes,
  type NodeId,
} from '@causeway/protocol'
import type { z } from 'zod'

/** Carries one request to a coordinator, and its answer back. */
export type Carry = <T>(what: string, ask: (coordinator: Coordinator) => Promise<T>) => Promise<T>

/** Fewer than the coordinator would give at once, so that a log of some length comes in several batches. */
const BATCH_LIMIT = 5

/** A coordinator that is called, and not sent to over HTTP. Every message crosses as bytes. */
export function createDirectLink(node: NodeId, carry: Carry, batchLimit = BATCH_LIMIT): CoordinatorLink {
  return {
    ...NO_DELTAS,
    commit: (folder, request) =>
      carry('commit', async ({ commits }) =>
        over(CommitResponseSchema, await commits.commit(folder, node, over(CommitRequestSchema, request))),
      ),
    changes: (folder, request) =>
      carry('changes', async ({ changes }) => {
        const asked = over(ChangesRequestSchema, { ...request, limit: Math.min(request.limit, batchLimit) })
        return over(ChangeBatchSchema, await changes.changes(folder, node, asked))
      }),
    compareDigest: (folder, request) =>
      carry('digest', async ({ digests }) =>
        over(DigestResponseSchema, await digests.compare(folder, node, over(DigestRequestSchema, request))),
      ),
    digestEntries: (folder, request) =>
      carry('digest entries', async ({ digests }) =>
        over(DigestEntriesResponseSchema, await digests.entries(folder, over(DigestEntriesRequestSchema, request))),
      ),
    entries: (folder, ids) => carry('entries', ({ digests }) => digests.states(folder, node, ids)),
    missing: (folder, hashes) => carry('missing', ({ contents }) => contents.missing(folder, hashes, node)),
    upload: (folder, chunks) =>
      carry('upload', async (coordinator) => void (await coordinator.contents.upload(folder, node, frames(chunks)))),
    manifest: (folder, content) => carry('manifest', ({ contents }) => contents.manifest(folder, content)),
    async *fetch(folder, hashes) {
      for (const hash of hashes) yield await carry('fetch', (coordinator) => fetchOne(coordinator, folder, hash))
    },
  }
}

/** What becomes of a message on its way. */
function over<Schema extends z.ZodType>(schema: Schema, message: z.input<Schema>): z.infer<Schema> {
  return decode(schema, encode(message))
}

async function* frames(chunks: readonly NamedBytes[]): AsyncIterable<Uint8Array> {
  for (const { hash, bytes } of chunks) yield encodeChunkFrame({ hash, size: bytes.length, compressed: false, bytes })
}

async function fetchOne({ context, contents }: Coordinator, _folder: FolderId, hash: ChunkId): Promise<NamedBytes> {
  const [row] = await context.metadata.read((tx) => tx.chunks([hash]))
  if (row === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
  return { hash, bytes: Uint8Array.from(await contents.plain(row)) }
}

/** A content's text as the coordinator gives it. */
export async function readContent(coordinator: Coordinator, folder: FolderId, content: ContentHash): Promise<string> {
  const pieces: Uint8Array[] = []
  for (const { hash } of await coordinator.contents.manifest(folder, content))
    pieces.push((await fetchOne(coordinator, folder, hash)).bytes)
  return Buffer.concat(pieces).toString()
}
