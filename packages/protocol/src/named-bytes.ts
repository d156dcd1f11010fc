import { z } from 'zod'
import { bytesUpTo } from './bounded.ts'
import { ChunkIdSchema, ContentHashSchema, onlyChunkOf } from './ids.ts'
import { LIMITS } from './limits.ts'

/** The bytes of one chunk, with the hash that names them. */
export const NamedBytesSchema = z.object({
  hash: ChunkIdSchema,
  bytes: bytesUpTo(LIMITS.chunkBytes),
})
export type NamedBytes = z.infer<typeof NamedBytesSchema>

/** The bytes of one small content, which travels whole. */
export const SmallContentSchema = z.object({
  hash: ContentHashSchema,
  bytes: bytesUpTo(LIMITS.chunkBytes),
})
export type SmallContent = z.infer<typeof SmallContentSchema>

/** The same bytes as they are stored: a small content is its own only chunk (see `onlyChunkOf`). */
export function asChunk({ hash, bytes }: SmallContent): NamedBytes {
  return { hash: onlyChunkOf(hash), bytes }
}
