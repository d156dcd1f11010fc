import { z } from 'zod'
import { NodeIdSchema } from './ids.ts'

/** How often something took how long: a count for each bucket, and one for what took longer than the last bound. */
export const HistogramSchema = z.object({
  counts: z.array(z.int().min(0)),
  count: z.int().min(0),
  sumMs: z.number(),
})
export type HistogramReading = z.infer<typeof HistogramSchema>

/** The same for one node. */
export const NodeLatencySchema = HistogramSchema.extend({
  node: NodeIdSchema,
  /** Over the last that was measured of the node; null before the first. */
  p50: z.number().nullable(),
  p99: z.number().nullable(),
})
export type NodeLatency = z.infer<typeof NodeLatencySchema>
