import { z } from 'zod'
import { bytesUpTo } from './bounded.ts'
import { ChunkIdSchema, ContentHashSchema, ListDigestSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { NamedBytesSchema } from './named-bytes.ts'

const BytesSchema = bytesUpTo(LIMITS.inflatedBytes)
const IndexSchema = z.int().min(0).max(LIMITS.chunksPerManifest)
const OffsetSchema = z.int().min(0)

/**
 * How one content's chunk list follows from another's, in order: `[first,
 * count]` takes that many chunks of the base's list over, bytes are new chunks
 * (see `encodeManifest`).
 */
export const SplicePartSchema = z.union([
  z.tuple([IndexSchema, z.int().min(1).max(LIMITS.chunksPerManifest)]),
  BytesSchema.refine((bytes) => bytes.length > 0),
])
export type SplicePart = z.infer<typeof SplicePartSchema>

export const SpliceSchema = z.object({
  /** The content whose chunk list the parts refer to. */
  base: ContentHashSchema,
  parts: z.array(SplicePartSchema).max(LIMITS.spliceParts),
  /** SHA-256 of the encoded chunk list that must come out: a base that was cut otherwise is found out by it. */
  digest: ListDigestSchema,
})
export type Splice = z.infer<typeof SpliceSchema>

/**
 * The bytes of some neighbouring chunks, told by a stretch of another content.
 *
 * - `dictionary`: one zstd frame, made with the stretch as its raw dictionary.
 * - `copies`: copies from the stretch and literal bytes (`applyCopies` in the engine).
 * - `packed-copies`: the same in one zstd frame.
 *
 * Whoever rebuilds them rehashes every chunk; one that comes out wrong was not sent.
 */
export const DeltaSchema = z.object({
  base: z.object({
    content: ContentHashSchema,
    offset: OffsetSchema,
    length: z.int().min(1).max(LIMITS.deltaBaseBytes),
  }),
  /** The chunks that come out, one after the other (see `encodeManifest`); `LIMITS.deltaBytes` together at most. */
  chunks: BytesSchema,
  encoding: z.enum(['dictionary', 'copies', 'packed-copies']),
  bytes: BytesSchema,
})
export type Delta = z.infer<typeof DeltaSchema>

/** A new content as it follows from one that the receiver most likely holds; what the deltas leave out is fetched. */
export const PatchSchema = z.object({
  content: ContentHashSchema,
  splice: SpliceSchema,
  deltas: z.array(DeltaSchema).max(LIMITS.deltasPerMessage),
})
export type Patch = z.infer<typeof PatchSchema>

export const DeltasRequestSchema = z.object({ deltas: z.array(DeltaSchema).max(LIMITS.deltasPerMessage) })
/** The chunks that could not be rebuilt: they must be sent whole. */
export const DeltasResponseSchema = z.object({ rejected: z.array(ChunkIdSchema).max(LIMITS.itemsPerList) })

/** Asks for checksums of stretches of a content that the coordinator holds, so that the asker finds what it shares. */
export const SignaturesRequestSchema = z.object({
  content: ContentHashSchema,
  regions: z
    .array(z.object({ offset: OffsetSchema, length: z.int().min(1).max(LIMITS.deltaBaseBytes) }))
    .max(LIMITS.deltasPerMessage),
  blockBytes: z.int().min(64).max(65_536),
})
export type SignaturesRequest = z.infer<typeof SignaturesRequestSchema>
/** One a region: `SIGNATURE_BYTES` (see the engine) a block, the last block may be short. */
export const SignaturesResponseSchema = z.object({ signatures: z.array(BytesSchema).max(LIMITS.deltasPerMessage) })

/** The media type of a stream of patch items, each as its length (u32, big-endian) and that much CBOR. */
export const PATCH_TYPE = 'application/vnd.causeway.patch'

export const PatchRequestSchema = z.object({ content: ContentHashSchema, base: ContentHashSchema })
export type PatchRequest = z.infer<typeof PatchRequestSchema>

/** First comes `splice` or `manifest`, then, in the content's order, how each stretch of new chunks is to be had. */
export const PatchItemSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('splice'), splice: SpliceSchema }),
  /** The base is of no use: the whole chunk list. */
  z.object({ kind: z.literal('manifest'), chunks: BytesSchema }),
  z.object({ kind: z.literal('delta'), delta: DeltaSchema }),
  /** A delta would save nothing for these chunks of the list: they are to be fetched. */
  z.object({ kind: z.literal('fetch'), first: IndexSchema, count: z.int().min(1).max(LIMITS.chunksPerManifest) }),
  /** One chunk, whole, where asking for it would cost more. */
  z.object({ kind: z.literal('chunk'), chunk: NamedBytesSchema }),
])
export type PatchItem = z.infer<typeof PatchItemSchema>

/**
 * Chunks of a large content that is still being sent: they can be fetched
 * already. What it will be called, and whether it is ever committed, is not
 * known yet.
 */
export const ComingSchema = z.object({
  /** Names the sending: unique for the sending node. */
  upload: z.string().min(1).max(64),
  /** What the whole content will be. */
  sizeBytes: z.int().min(0),
  /** The position of the first of these chunks in the content's list. */
  first: IndexSchema,
  /** See `encodeManifest`. */
  chunks: bytesUpTo(LIMITS.chunksPerRequest * 36),
})
export type Coming = z.infer<typeof ComingSchema>
