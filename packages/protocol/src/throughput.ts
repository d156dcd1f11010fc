import { z } from 'zod'
import { WordSchema } from './bounded.ts'
import { FolderIdSchema, NodeIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

export const ThroughputSpanSchema = z.enum(['hour', 'day'])
/** `hour`: the last hour by the minute; `day`: the last day by ten minutes. */
export type ThroughputSpan = z.infer<typeof ThroughputSpanSchema>

export const ThroughputBySchema = z.enum(['node', 'folder'])
export type ThroughputBy = z.infer<typeof ThroughputBySchema>

export const ThroughputQuerySchema = z.object({
  span: ThroughputSpanSchema.default('hour'),
  by: ThroughputBySchema.default('node'),
  folder: FolderIdSchema.optional(),
  node: NodeIdSchema.optional(),
})

const CountsSchema = z.array(z.int().min(0)).max(LIMITS.throughputBuckets)

/** What one node or folder moved, bucket by bucket: as many numbers in each list as there are buckets. */
export const ThroughputSeriesSchema = z.object({
  /** The node's or folder's id. */
  id: WordSchema,
  /** Changes that were committed. */
  changes: CountsSchema,
  /** Bytes that crossed from nodes to the coordinator, as they crossed; not the headers of HTTP and TCP. */
  bytesUp: CountsSchema,
  /** Bytes that crossed from the coordinator to nodes. */
  bytesDown: CountsSchema,
})
export type ThroughputSeries = z.infer<typeof ThroughputSeriesSchema>

/** A series over time, kept over a restart. The last bucket is the one under way. */
export const ThroughputResponseSchema = z.object({
  /** When the first bucket begins, ISO 8601. */
  from: WordSchema,
  /** How long a bucket is. */
  bucketMs: z.int().min(1),
  /** False for a bucket in which no coordinator ran: what happened in it is not known, rather than nothing. */
  measured: z.array(z.boolean()).max(LIMITS.throughputBuckets),
  series: z.array(ThroughputSeriesSchema).max(LIMITS.itemsPerList),
})
export type ThroughputResponse = z.infer<typeof ThroughputResponseSchema>
