import { z } from 'zod'
import { bytesUpTo } from './bounded.ts'
import { HashSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

/** The bytes of one small content, or of one chunk, with the hash that names them. */
export const NamedBytesSchema = z.object({
  hash: HashSchema,
  bytes: bytesUpTo(LIMITS.chunkBytes),
})
export type NamedBytes = z.infer<typeof NamedBytesSchema>
