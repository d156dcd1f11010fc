import { z } from 'zod'
import { TextSchema } from './bounded.ts'
import { EntryIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

/**
 * Where a chunk of a content comes from, seen from the content before it:
 * `reused`, that had it too, in this order; `moved`, it had it at another
 * place; `edited`, it is new and stands where something else stood; `new`, it
 * is new and stands where nothing was; `repeated`, it is new but came earlier
 * in this very content; `mixed`, several of these, drawn together to keep the
 * answer short.
 */
export const ChunkSourceSchema = z.enum(['reused', 'moved', 'edited', 'new', 'repeated', 'mixed'])
export type ChunkSource = z.infer<typeof ChunkSourceSchema>

/** Neighbouring chunks with one source. */
export const ChunkRunSchema = z.object({
  offset: z.int().min(0),
  size: z.int().min(1),
  chunks: z.int().min(1),
  source: ChunkSourceSchema,
  /** Where it, or what it stands for, begins in the content before; null where there is no such place. */
  from: z.int().min(0).nullable(),
})
export type ChunkRun = z.infer<typeof ChunkRunSchema>

const TotalSchema = z.object({ chunks: z.int(), bytes: z.int() })

/** How the content of one version follows from the one before it. */
export const ChunkMapSchema = z.object({
  seq: z.int(),
  entry: EntryIdSchema,
  path: TextSchema,
  sizeBytes: z.int(),
  chunks: z.int(),
  /** The newest version before with another content; null where there is none. */
  previous: z.object({ seq: z.int(), sizeBytes: z.int(), chunks: z.int() }).nullable(),
  /** Counted chunk by chunk, whatever the runs draw together. */
  totals: z.object({
    reused: TotalSchema,
    moved: TotalSchema,
    edited: TotalSchema,
    new: TotalSchema,
    repeated: TotalSchema,
  }),
  /** In the content's order and without gaps. One chunk each, unless there are more than an answer should carry. */
  runs: z.array(ChunkRunSchema).max(LIMITS.runsPerChunkMap),
})
export type ChunkMap = z.infer<typeof ChunkMapSchema>
