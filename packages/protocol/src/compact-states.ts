import { z } from 'zod'
import { OwnEntryIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CounterSchema, VersionVectorSchema } from './version-vector.ts'

const NumberSchema = z.int().min(0)

/**
 * Tombstones of entries that the receiver knows as they last were: named, and
 * not described. Everything else about them follows from what it holds.
 */
export const RemovalsSchema = z.object({
  /** The folder's clock at the batch's `after`. An entry of which the receiver holds more, or other, than this saw is not meant. */
  seen: VersionVectorSchema,
  /** The nodes that the runs speak of. */
  nodes: z.array(z.string().min(1).max(64)).max(LIMITS.nodesPerRemovals),
  /**
   * Seven numbers a run: node and counter of its first entry's id, how many
   * entries, the first one's `seq`, node and counter of the delete, and a
   * checksum of the tombstones' vectors. From one entry to the next the id's
   * counter falls by one and `seq` rises by one.
   */
  runs: z.array(NumberSchema).max(LIMITS.runNumbers),
})
export type Removals = z.infer<typeof RemovalsSchema>

/** Which version of an entry is meant, and not what it holds: whoever has it needs no more. */
export const KnownStateSchema = z.object({
  id: OwnEntryIdSchema,
  seq: z.int().min(1),
  placeVector: VersionVectorSchema,
  contentVector: VersionVectorSchema,
  existenceVector: VersionVectorSchema,
})
export type KnownState = z.infer<typeof KnownStateSchema>

/** States that the receiver made itself. */
export const EchoesSchema = z.object({
  /**
   * Its creates that stand as it sent them, three numbers a run: the first
   * one's counter and `seq`, and how many. Both rise by one from each to the next.
   */
  created: z.array(CounterSchema).max(LIMITS.runNumbers),
  known: z.array(KnownStateSchema).max(LIMITS.changesPerBatch),
})
export type Echoes = z.infer<typeof EchoesSchema>
