import { z } from 'zod'
import { HashSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

/** The bytes of one small content, or of one chunk, with the hash that names them. */
export const NamedBytesSchema = z.object({
  hash: HashSchema,
  bytes: z.instanceof(Uint8Array).refine((b) => b.length <= LIMITS.chunkBytes) as z.ZodType<Uint8Array>,
})
export type NamedBytes = z.infer<typeof NamedBytesSchema>
