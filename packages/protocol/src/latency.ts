import { z } from 'zod'
import { AmountSchema } from './bounded.ts'
import { NodeIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

/** How often something took how long: a count for each bucket, and one for what took longer than the last bound. */
export const HistogramSchema = z.object({
  counts: z.array(z.int().min(0)).max(LIMITS.bucketsPerHistogram),
  count: z.int().min(0),
  sumMs: AmountSchema,
})
export type HistogramReading = z.infer<typeof HistogramSchema>

/** The same for one node. */
export const NodeLatencySchema = HistogramSchema.extend({
  node: NodeIdSchema,
  /** Over the last that was measured of the node; null before the first. */
  p50: AmountSchema.nullable(),
  p99: AmountSchema.nullable(),
})
export type NodeLatency = z.infer<typeof NodeLatencySchema>
