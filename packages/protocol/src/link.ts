import { z } from 'zod'
import { AssignmentsSchema } from './assignment.ts'
import { AmountSchema, WordSchema, bytesUpTo } from './bounded.ts'
import { EchoesSchema, RemovalsSchema } from './compact-states.ts'
import { EntryStateSchema } from './entry.ts'
import { FolderIdSchema, ChunkIdSchema, ContentHashSchema, NodeIdSchema } from './ids.ts'
import { KeptPinsSchema, KeyPinsSchema } from './key-pin.ts'
import { LIMITS } from './limits.ts'
import { OperationSchema, OutcomeSchema } from './operation.ts'
import { SmallContentSchema } from './named-bytes.ts'
import { ComingSchema, PatchSchema } from './patch.ts'
import { AccessSchema, DeleteBrakeSchema } from './rights.ts'
import { VersionVectorSchema } from './version-vector.ts'

/** The version of the node link. A coordinator refuses any other with `protocol-mismatch`. */
export const LINK_VERSION = 4

const ChunkListSchema = bytesUpTo(LIMITS.inflatedBytes)

/** The chunk list of one content (see `encodeManifest`). */
export const NamedManifestSchema = z.object({ content: ContentHashSchema, chunks: ChunkListSchema })
export type NamedManifest = z.infer<typeof NamedManifestSchema>

/**
 * A position in a folder's change log. `epoch` names the folder's life: one
 * that is created again under its old id is another folder. `tag` is what the
 * coordinator wrote beside that position: if it no longer matches, the log was rolled back (a
 * restored backup) and the node must read it from the start and offer what it
 * lacks. The start of the log is seq 0 with the empty tag.
 *
 * A tag carries a signature of the coordinator's over the position, so that a
 * cursor which the log does not bear out proves that something was lost. To
 * nodes a tag is opaque. Tags from before that prove nothing.
 */
export const CursorSchema = z.object({ epoch: z.string().max(64), seq: z.int().min(0), tag: z.string().max(64) })
export type Cursor = z.infer<typeof CursorSchema>
export const LOG_START: Cursor = { epoch: '', seq: 0, tag: '' }

export const CommitRequestSchema = z.object({
  /** All that the node has seen in this folder, its own earlier events included. */
  clock: VersionVectorSchema,
  operations: z.array(OperationSchema).max(LIMITS.operationsPerCommit),
  /** Small contents, whole. */
  contents: z.array(SmallContentSchema).max(LIMITS.operationsPerCommit),
  /** Chunk lists of larger contents; their chunks were uploaded before. */
  manifests: z.array(NamedManifestSchema).max(LIMITS.operationsPerCommit),
  /** The same for contents that follow from one the coordinator holds; chunks that no delta brings were uploaded before. */
  patches: z.array(PatchSchema).max(LIMITS.operationsPerCommit).optional(),
  /** A person lifted the brake against mass deletion for this. */
  approved: z.boolean(),
})
export type CommitRequest = z.infer<typeof CommitRequestSchema>

export const CommitResponseSchema = z.object({
  /** One an operation, in the same order. */
  outcomes: z.array(OutcomeSchema).max(LIMITS.operationsPerCommit),
  /** Where the log stood when this was durable: the node keeps it, to prove a set-back with (`proof`). */
  receipt: CursorSchema.optional(),
})
export type CommitResponse = z.infer<typeof CommitResponseSchema>

export const ChangesRequestSchema = z.object({
  cursor: CursorSchema,
  limit: z.int().min(1).max(LIMITS.changesPerBatch),
  /** True if every state is to be told in full: the node turned out not to hold what a shorter form relies on. */
  full: z.boolean().optional(),
  /** The newest position the node was ever given. If the log does not bear it out, the answer begins at the start. */
  proof: CursorSchema.optional(),
})
export type ChangesRequest = z.infer<typeof ChangesRequestSchema>

/** What changed after a cursor: each entry once, in its newest state, by rising `seq`. */
export const ChangeBatchSchema = z.object({
  folder: FolderIdSchema,
  /** True if the request's cursor does not belong to this log: the states begin at its start. */
  reset: z.boolean(),
  /** True while offers are taken: the log was set back not long ago. */
  setBack: z.boolean().optional(),
  /** The position these states follow without a gap. */
  after: z.int().min(0),
  cursor: CursorSchema,
  /** The log's last position. Equal to `cursor.seq` once the node has caught up. */
  head: z.int().min(0),
  /** The folder's vector clock as of `cursor`. */
  clock: VersionVectorSchema,
  states: z.array(EntryStateSchema).max(LIMITS.changesPerBatch),
  /** Further changes after `after`, of entries that `states` does not name. */
  removals: RemovalsSchema.optional(),
  /** And further ones. */
  echoes: EchoesSchema.optional(),
  /** How many removals of this stretch the coordinator's brake has counted, or a person let through; 0 if left out. */
  counted: z.int().min(0).optional(),
  contents: z.array(SmallContentSchema).max(LIMITS.changesPerBatch),
  /** How new contents follow from what they replaced, where that is little. */
  patches: z.array(PatchSchema).max(LIMITS.changesPerBatch).optional(),
})
export type ChangeBatch = z.infer<typeof ChangeBatchSchema>

export const HashListSchema = z.object({ hashes: z.array(ChunkIdSchema).max(LIMITS.chunksPerRequest) })
/** Which of the chunks asked about are not held: a bit for each, in the same order (see `encodeBits`). */
export const MissingResponseSchema = z.object({ missing: bytesUpTo(LIMITS.chunksPerRequest) })
export const ManifestRequestSchema = z.object({ content: ContentHashSchema })
export const ManifestResponseSchema = z.object({ chunks: ChunkListSchema })

/** Where held entries lie: a directory that goes with all that is in it, or one that stays and loses some files. */
export const HeldDirectorySchema = z.object({
  /** From the folder's root; empty for the root itself. */
  path: z.string().max(LIMITS.pathBytes),
  /** True if the directory itself goes too. */
  whole: z.boolean(),
  files: z.int().min(0),
  bytes: AmountSchema,
})
export type HeldDirectory = z.infer<typeof HeldDirectorySchema>

/** What a halt holds back, counted. */
export const HeldReportSchema = z.object({
  /** `here`: it is gone from this node, and the others keep it. `elsewhere`: it was deleted, and this node keeps it. */
  from: z.enum(['here', 'elsewhere']),
  files: z.int().min(0),
  bytes: AmountSchema,
  /** Those with the most files first. */
  directories: z.array(HeldDirectorySchema).max(LIMITS.haltSample).readonly(),
  /** How many more there are. */
  moreDirectories: z.int().min(0),
})
export type HeldReport = z.infer<typeof HeldReportSchema>

/** Deletes that a node holds back until a person has looked. */
export const HaltReportSchema = z.object({
  reason: z.string().max(LIMITS.problemChars),
  /** How many entries would go, of how many; 0 of 0 where the coordinator held them back: it says so itself. */
  removed: z.int().min(0),
  live: z.int().min(0),
  /** Some of the paths that would go. */
  sample: z.array(z.string().max(LIMITS.pathBytes)).max(LIMITS.haltSample).readonly(),
  /** Left out where it is not known, and by nodes from before `put-back` was a message. */
  held: HeldReportSchema.nullable().optional(),
})
export type HaltReport = z.infer<typeof HaltReportSchema>

/** What a node tells about one folder, shown in the fleet view. */
export const FolderReportSchema = z.object({
  folder: FolderIdSchema,
  state: z.enum(['scanning', 'syncing', 'idle', 'offline', 'halted', 'paused']),
  cursor: z.int().min(0),
  pendingUp: z.int().min(0),
  pendingDown: z.int().min(0),
  problems: z
    .array(
      z.object({
        path: z.string().max(LIMITS.pathBytes),
        code: WordSchema,
        message: z.string().max(LIMITS.problemChars),
      }),
    )
    .max(LIMITS.problemsPerReport),
  /** Bytes done and to do of the transfers under way. */
  transfer: z.object({ files: z.int(), filesTotal: z.int(), bytes: AmountSchema, bytesTotal: AmountSchema }).nullable(),
  /** Until everything that is pending is done; null while nobody can tell. */
  secondsLeft: AmountSchema.nullable().optional(),
  halted: HaltReportSchema.nullable().optional(),
  /** When node and coordinator were last shown to hold the same, by the node's clock (ISO 8601); null while they never were. */
  provedAt: z.string().max(40).nullable().optional(),
})
export type FolderReport = z.infer<typeof FolderReportSchema>

/** A save that took longer counts as this. */
export const LONGEST_SAVE_MS = 7 * 24 * 60 * 60_000

/** From the node, over the link's WebSocket. */
export const NodeMessageSchema = z.discriminatedUnion('kind', [
  /** Start (or go on) pushing this folder's changes, from where the node stands. */
  z.object({ kind: z.literal('follow'), folder: FolderIdSchema, cursor: CursorSchema }),
  /** The node has applied everything up to here. */
  z.object({ kind: z.literal('applied'), folder: FolderIdSchema, cursor: CursorSchema }),
  z.object({ kind: z.literal('report'), report: FolderReportSchema }),
  /** Chunks of a large content that are durable at the coordinator before the commit that will name it. */
  z.object({ kind: z.literal('coming'), folder: FolderIdSchema, coming: ComingSchema }),
  /** How long saves took from their first notice on this node to the coordinator's answer, by the node's own clock. */
  z.object({
    kind: z.literal('saved'),
    tookMs: z.array(z.number().min(0).max(LONGEST_SAVE_MS)).max(LIMITS.savesPerMessage),
  }),
  /** The keys that the node accepts of the coordinator from now on, also after a restart; none if it pins no key. */
  z.object({ kind: z.literal('pinned'), pins: KeptPinsSchema }),
])
export type NodeMessage = z.infer<typeof NodeMessageSchema>

/** The first byte of a message to a node says how the rest is written: CBOR as it is, or in one zstd frame. */
export const PLAIN = 0
export const PACKED = 1

/** To the node. */
export const CoordinatorMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('welcome'), version: z.int(), coordinator: WordSchema, node: NodeIdSchema }),
  /** The changes that follow the node's cursor without a gap. */
  z.object({ kind: z.literal('changes'), batch: ChangeBatchSchema }),
  /** There is more than a push should carry: ask for it, then `follow` again. */
  z.object({ kind: z.literal('behind'), folder: FolderIdSchema, head: z.int() }),
  /** A person lifted a halt, changed the node's access, or paused it. */
  z.object({ kind: z.literal('resume'), folder: FolderIdSchema }),
  /** A person wants back what is gone from the node and held back. A node that does not know this does nothing. */
  z.object({ kind: z.literal('put-back'), folder: FolderIdSchema }),
  /** Another node is sending a large content. Not kept: who is not there misses it. */
  z.object({ kind: z.literal('coming'), folder: FolderIdSchema, node: NodeIdSchema, coming: ComingSchema }),
  z.object({
    kind: z.literal('access'),
    folder: FolderIdSchema,
    access: AccessSchema,
    /** While it is true, every call for this folder is refused with `paused`, and nothing is pushed. */
    paused: z.boolean().optional(),
  }),
  /** What people decided about the node's folders; also the first message behind the welcome, where there is anything to tell. */
  AssignmentsSchema.extend({ kind: z.literal('assignments') }),
  /** The TLS keys to accept of the coordinator from now on. A node that has pinned none takes none up. */
  z.object({ kind: z.literal('keys'), pins: KeyPinsSchema }),
  /** The folder's brake was set anew. */
  z.object({ kind: z.literal('delete-brake'), folder: FolderIdSchema, deleteBrake: DeleteBrakeSchema }),
  /** The coordinator's disk has spoilt chunks of these contents: whoever holds them is to send what is missing. */
  z.object({
    kind: z.literal('wanted'),
    folder: FolderIdSchema,
    contents: z.array(ContentHashSchema).max(LIMITS.wantedContents),
  }),
])
export type CoordinatorMessage = z.infer<typeof CoordinatorMessageSchema>
