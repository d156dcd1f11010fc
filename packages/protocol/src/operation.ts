import { z } from 'zod'
import { TextSchema } from './bounded.ts'
import { ContentSchema, EntryStateSchema, PlaceSchema } from './entry.ts'
import { EntryIdSchema, HashSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CounterSchema, VersionVectorSchema } from './version-vector.ts'

/** Every operation carries the counter of its dot; (node, counter) is also its idempotency key. */
const counter = CounterSchema

/** A new entry. Its id must be `entryIdOf(node, counter)`. */
export const CreateSchema = z.object({
  kind: z.literal('create'),
  counter,
  entry: EntryIdSchema,
  place: PlaceSchema,
  content: ContentSchema,
})

/** New content (bytes, mode, mtime or target) for an entry. */
export const EditSchema = z.object({
  kind: z.literal('edit'),
  counter,
  entry: EntryIdSchema,
  /** The content vector that the node edited. */
  basedOn: VersionVectorSchema,
  /** The hash (or symlink target) that the node edited: tells a change of bytes from a change of mode or mtime. */
  basedOnHash: z.string().max(LIMITS.symlinkTargetBytes),
  content: ContentSchema,
})

export const MoveSchema = z.object({
  kind: z.literal('move'),
  counter,
  entry: EntryIdSchema,
  /** The place vector that the node moved. */
  basedOn: VersionVectorSchema,
  place: PlaceSchema,
})

/**
 * The entry is gone on the node. With `subtree`, so is everything below it:
 * each descendant falls if the commit's clock has seen its registers, and
 * survives, with the directories above it, if not.
 */
export const DeleteSchema = z.object({
  kind: z.literal('delete'),
  counter,
  entry: EntryIdSchema,
  seenContent: VersionVectorSchema,
  seenPlace: VersionVectorSchema,
  subtree: z.boolean(),
})

/**
 * A state the node was given earlier and the coordinator now lacks (it was
 * restored from an older backup). The vectors are the state's own: no new
 * event happened.
 */
export const OfferSchema = z.object({ kind: z.literal('offer'), counter, state: EntryStateSchema })

export const OperationSchema = z.discriminatedUnion('kind', [
  CreateSchema,
  EditSchema,
  MoveSchema,
  DeleteSchema,
  OfferSchema,
])
export type CreateOperation = z.infer<typeof CreateSchema>
export type EditOperation = z.infer<typeof EditSchema>
export type MoveOperation = z.infer<typeof MoveSchema>
export type DeleteOperation = z.infer<typeof DeleteSchema>
export type OfferOperation = z.infer<typeof OfferSchema>
export type Operation = z.infer<typeof OperationSchema>

export const RefusalSchema = z.enum([
  'cycle',
  'unknown-entry',
  'not-a-directory',
  'missing-content',
  'halted',
  'no-write-access',
  'invalid',
  /** Said by the node itself of an operation that no commit of its can carry. */
  'unreadable',
])
export type Refusal = z.infer<typeof RefusalSchema>

/**
 * What became of one operation.
 *
 * - `accepted`: it stands as sent; the register's vector is now `basedOn` plus the dot.
 * - `settled`: it was folded into `state` (same bytes on both sides, two
 *   directories of one name, mode and bytes changed apart, an overtaken move).
 *   For a create, `state.id` may be another entry's: the node's own id is an alias of it.
 * - `conflict`: the bytes are safe in the conflict copy `copy`; `state` kept the name.
 *   For a create, or a move onto a taken name, `copy.id` is the operation's own entry.
 * - `kept`: a delete that had not seen everything. `states` are what lives on.
 * - `refused`: nothing was changed; `states` holds the entry as it stands, if it is known.
 */
export const OutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), seq: z.int() }),
  z.object({ kind: z.literal('settled'), state: EntryStateSchema }),
  z.object({ kind: z.literal('conflict'), copy: EntryStateSchema, state: EntryStateSchema }),
  z.object({ kind: z.literal('kept'), states: z.array(EntryStateSchema).max(LIMITS.itemsPerList) }),
  z.object({
    kind: z.literal('refused'),
    refusal: RefusalSchema,
    detail: TextSchema,
    states: z.array(EntryStateSchema).max(LIMITS.itemsPerList),
    /** The chunks to send before trying again, where that is the reason. */
    missing: z.array(HashSchema).max(LIMITS.chunksPerRequest),
  }),
])
export type Outcome = z.infer<typeof OutcomeSchema>
