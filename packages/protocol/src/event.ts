import { z } from 'zod'
import { ActorSchema } from './actor.ts'
import { TextSchema, WordSchema } from './bounded.ts'
import { EntryIdSchema, FolderIdSchema, NodeIdSchema } from './ids.ts'
import { CounterSchema, VersionVectorSchema } from './version-vector.ts'

export const EventKindSchema = z.enum([
  'create',
  'edit',
  'move',
  'delete',
  'restore',
  'merge',
  'conflict',
  'settle',
  'join',
  'leave',
  'halt',
  'resume',
])
export type EventKind = z.infer<typeof EventKindSchema>

/** How the coordinator took an operation. */
export const DecisionSchema = z.enum([
  'fast-forward',
  'joined',
  'overtook',
  'revived',
  'conflict-copy',
  'renamed-apart',
  're-offered',
  'kept',
  'refused',
  'noted',
])
export type Decision = z.infer<typeof DecisionSchema>

/**
 * One event of a folder's history: kept, never changed. `position` is its
 * place in the coordinator's log over all folders, without gaps within a
 * replay: read from a cursor, nothing is missed or repeated.
 */
export const HistoryEventSchema = z.object({
  position: z.int().min(1),
  folder: FolderIdSchema,
  /** Under whose id it is in the folder's clock: what people do is the coordinator's. */
  node: NodeIdSchema,
  counter: CounterSchema,
  /** All that the node had seen, this event included. */
  clock: VersionVectorSchema,
  kind: EventKindSchema,
  entry: EntryIdSchema.nullable(),
  /** The entry's path from the folder's root at the time, `/`-separated. */
  path: TextSchema.nullable(),
  /** The path before a move. */
  pathBefore: TextSchema.nullable(),
  /** Who caused it. Left out where that is the node itself, or is not known (`actorOf`). */
  actor: ActorSchema.optional(),
  decision: DecisionSchema,
  /** One plain sentence: why it was decided so. */
  reason: TextSchema,
  /** The log position it led to; 0 where nothing changed. */
  seq: z.int().min(0),
  /** How many entries it touched (a subtree delete touches many). */
  entries: z.int().min(0),
  sizeBytes: z.int().min(0).nullable(),
  /** Wall clock of the coordinator, ISO 8601. For people; never decides anything. */
  at: WordSchema,
})
export type HistoryEvent = z.infer<typeof HistoryEventSchema>

export const OrderSchema = z.enum(['equal', 'before', 'after', 'concurrent'])
export type Order = z.infer<typeof OrderSchema>
