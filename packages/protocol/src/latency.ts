import { z } from 'zod'
import { NodeIdSchema } from './ids.ts'

/** How often something took how long: a count for each bucket, and one for what took longer than the last bound. */
export const HistogramSchema = z.object({
  counts: z.array(z.int().min(0)),
  count: z.int().min(0),
  sumMs: z.number(),
})
export type HistogramReading = z.infer<typeof HistogramSchema>

/**
 * From a commit's being durable to the node's having said that it is on its
 * disk. Nodes say so at most every 100 ms, so this reads up to 100 ms long.
 */
export const DeliverySchema = HistogramSchema.extend({
  node: NodeIdSchema,
  /** Over the node's last commits; null before the first. */
  p50: z.number().nullable(),
  p99: z.number().nullable(),
})
export type Delivery = z.infer<typeof DeliverySchema>
