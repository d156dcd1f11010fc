import { z } from 'zod'
import { NODE_ID, NodeIdSchema, type NodeId } from './ids.ts'
import { LIMITS } from './limits.ts'

/**
 * Node → counter. A node that is absent counts as zero.
 *
 * A plain object, so that it crosses the wire as it is. Node ids may be words
 * like `toString`: read counters with the engine's `counterOf`, never by index.
 */
export type VersionVector = Readonly<Record<string, number>>

/** One event: the `counter`-th of `node` in its folder. Counters begin at 1 and are never used twice. */
export interface Dot {
  readonly node: NodeId
  readonly counter: number
}

export const CounterSchema = z.int().min(1).max(LIMITS.counter)
export const VersionVectorSchema = z
  .record(z.string().regex(NODE_ID), CounterSchema)
  .refine((vector) => Object.keys(vector).length <= LIMITS.nodesPerVector, 'names too many nodes')
export const DotSchema = z.object({ node: NodeIdSchema, counter: CounterSchema })
