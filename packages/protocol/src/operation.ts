import { z } from 'zod'
import { TextSchema } from './bounded.ts'
import { ContentSchema, EntryStateSchema, ModeSchema, PlaceSchema } from './entry.ts'
import { EntryIdSchema, ChunkIdSchema, OwnEntryIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { CounterSchema, VersionVectorSchema } from './version-vector.ts'

/** Every operation carries the counter of its dot. Node, counter and what is asked for make a repeat: see `counter-used`. */
const counter = CounterSchema

/** A new entry. Its id must be `entryIdOf(node, counter)`. */
export const CreateSchema = z.object({
  kind: z.literal('create'),
  counter,
  entry: OwnEntryIdSchema,
  place: PlaceSchema,
  content: ContentSchema,
})

/** New content (bytes, mode, mtime or target) for an entry. */
export const EditSchema = z.object({
  kind: z.literal('edit'),
  counter,
  entry: OwnEntryIdSchema,
  /** The content vector that the node edited. */
  basedOn: VersionVectorSchema,
  /** The hash (or symlink target) that the node edited: tells a change of bytes from a change of mode or mtime. */
  basedOnHash: z.string().max(LIMITS.symlinkTargetBytes),
  /** The mode that the node edited: tells whether the edit set another. None for a symlink. */
  basedOnMode: ModeSchema.optional(),
  content: ContentSchema,
})

export const MoveSchema = z.object({
  kind: z.literal('move'),
  counter,
  entry: OwnEntryIdSchema,
  /** The place vector that the node moved. */
  basedOn: VersionVectorSchema,
  place: PlaceSchema,
})

/**
 * The entry is gone on the node. With `subtree`, so is everything that the
 * node had below it, by the commit's clock: what was put there, changed or
 * moved without the node having seen it lives on, with the directories above it.
 */
export const DeleteSchema = z.object({
  kind: z.literal('delete'),
  counter,
  entry: OwnEntryIdSchema,
  seenContent: VersionVectorSchema,
  seenPlace: VersionVectorSchema,
  subtree: z.boolean(),
  /** Entries below that the clock counts as seen although the node's disk had not got them yet, or not there. */
  unseenPlaces: z.array(EntryIdSchema).max(LIMITS.namedByDelete).optional(),
  /** Entries below whose newest content the node's disk had not got yet. */
  unseenContents: z.array(EntryIdSchema).max(LIMITS.namedByDelete).optional(),
})

/**
 * A state the node was given earlier and the coordinator now lacks (it was
 * restored from an older backup). The vectors are the state's own: no new
 * event happened. Taken only while the coordinator knows that its log was set
 * back (`setBack` in a batch).
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

/**
 * Why an operation changed nothing. Beyond what the words say:
 *
 * - `counter-used`: the node gave this counter, or a later one, to another
 *   event before (its state was lost or set back). It takes a higher one.
 * - `ahead`: it is based on events that the folder's log does not hold. The
 *   node reads the log again.
 * - `not-set-back`: an offer, and nothing shows that anything was lost.
 * - `no-room`: the coordinator's disk has no room for the content that it brings.
 * - `over-quota`: the folder would hold more than it may, or the node would send more than it may a day.
 * - `unplaceable`: a name, path or depth that no node could write to its disk.
 */
export const RefusalSchema = z.enum([
  'unknown-entry',
  'not-a-directory',
  'missing-content',
  'halted',
  'no-write-access',
  'invalid',
  'counter-used',
  'ahead',
  'not-set-back',
  'unplaceable',
  'no-room',
  'over-quota',
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
 *   `state.id` may be another entry's: the operation's own entry is an alias of it.
 * - `conflict`: the bytes are safe in the conflict copy `copy`; `state` kept the name.
 *   For a create, or a move onto a taken name, `copy.id` is the operation's own entry.
 * - `kept`: a delete that had not seen everything. `states` are some of what lives on.
 * - `refused`: nothing was changed; `states` holds the entry as it stands, if it is known.
 *
 * A delete's `gone` counts the entries that it had seen and that are no more.
 * A node that held more than that has not been told what became of the rest.
 */
export const OutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), seq: z.int(), gone: z.int().min(0).optional() }),
  z.object({ kind: z.literal('settled'), state: EntryStateSchema }),
  z.object({ kind: z.literal('conflict'), copy: EntryStateSchema, state: EntryStateSchema }),
  z.object({
    kind: z.literal('kept'),
    states: z.array(EntryStateSchema).max(LIMITS.namedByDelete),
    gone: z.int().min(0).optional(),
  }),
  z.object({
    kind: z.literal('refused'),
    refusal: RefusalSchema,
    detail: TextSchema,
    states: z.array(EntryStateSchema).max(LIMITS.itemsPerList),
    /** The chunks to send before trying again, where that is the reason. */
    missing: z.array(ChunkIdSchema).max(LIMITS.chunksPerRequest),
  }),
])
export type Outcome = z.infer<typeof OutcomeSchema>
