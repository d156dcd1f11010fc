import { z } from 'zod'
import { bytesUpTo } from './bounded.ts'
import { EntryStateSchema } from './entry.ts'
import { EntryIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CursorSchema } from './link.ts'

/** What an entry, or any number of them together, comes down to. */
export const DIGEST_BYTES = LIMITS.digestBytes
/** Entries are summed up by the directory they lie in, in so many sums: enough to lead to the few that differ. */
export const DIGEST_BUCKETS = 256

const bytesOf = (length: number): z.ZodType<Uint8Array> =>
  z.instanceof(Uint8Array).refine((bytes) => bytes.length === length, `not ${length} bytes`)

/** Is this what the coordinator holds at this position? */
export const DigestRequestSchema = z.object({
  cursor: CursorSchema,
  /** The sum over all that the node believes the folder to hold. */
  whole: bytesOf(DIGEST_BYTES),
  /** True if the coordinator is to sum up anew first: no entry turned out to differ where the sums did. */
  recount: z.boolean().optional(),
})
export type DigestRequest = z.infer<typeof DigestRequestSchema>

export const DigestResponseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('equal') }),
  /** The node stands elsewhere in the log, or the coordinator is still summing up. */
  z.object({ kind: z.literal('not-now') }),
  /** The sums by bucket, one after the other. */
  z.object({ kind: z.literal('differs'), sums: bytesOf(DIGEST_BUCKETS * DIGEST_BYTES) }),
])
export type DigestResponse = z.infer<typeof DigestResponseSchema>

/** Behind a name in a directory; behind '' the directory begins. */
export const DigestPositionSchema = z.object({ parent: EntryIdSchema, name: z.string().max(LIMITS.nameBytes) })
export type DigestPosition = z.infer<typeof DigestPositionSchema>

/** Which live entries do these buckets hold? */
export const DigestEntriesRequestSchema = z.object({
  buckets: z
    .array(
      z
        .int()
        .min(0)
        .max(DIGEST_BUCKETS - 1),
    )
    .min(1)
    .max(DIGEST_BUCKETS),
  /** Where the last answer ended. */
  after: DigestPositionSchema.nullable(),
})
export type DigestEntriesRequest = z.infer<typeof DigestEntriesRequestSchema>

export const DigestEntriesResponseSchema = z
  .object({
    entries: z.array(EntryIdSchema).max(LIMITS.digestsPerPage),
    /** One an entry, in the same order. */
    digests: bytesUpTo(LIMITS.digestsPerPage * DIGEST_BYTES),
    /** Where to go on; null at the end. A page may be empty and not the last. */
    next: DigestPositionSchema.nullable(),
  })
  .refine(({ entries, digests }) => digests.length === entries.length * DIGEST_BYTES, 'not one digest an entry')
export type DigestEntriesResponse = z.infer<typeof DigestEntriesResponseSchema>

/** These entries in full, live or deleted; those that the coordinator does not know are left out of the answer. */
export const EntriesRequestSchema = z.object({ entries: z.array(EntryIdSchema).max(LIMITS.entriesPerRequest) })
export type EntriesRequest = z.infer<typeof EntriesRequestSchema>
export const EntriesResponseSchema = z.object({ states: z.array(EntryStateSchema).max(LIMITS.entriesPerRequest) })
