import { z } from 'zod'
import { EntryIdSchema, ContentHashSchema, OwnEntryIdSchema, type EntryId, type NodeId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { VersionVectorSchema, type VersionVector } from './version-vector.ts'

/** Nanoseconds since 1970 as decimal text: exact in JSON, CBOR and every database. May be negative. */
export const NanosecondsSchema = z.string().regex(/^-?\d{1,19}$/)

/** Permission bits only (0o777): set-uid, set-gid and sticky never travel. */
export const ModeSchema = z.int().min(0).max(0o777)

/** A name as it stands in its directory. `checkName` in the engine says more about which are allowed. */
export const NameSchema = z
  .string()
  .min(1)
  .max(LIMITS.nameBytes)
  .refine((name) => !name.includes('/') && !name.includes('\0') && name !== '.' && name !== '..', 'not a file name')

export const FileContentSchema = z.object({
  kind: z.literal('file'),
  /** SHA-256 of the whole file. */
  hash: ContentHashSchema,
  size: z.int().min(0),
  mode: ModeSchema,
  mtimeNs: NanosecondsSchema,
})
export const DirectoryContentSchema = z.object({ kind: z.literal('directory'), mode: ModeSchema })
export const SymlinkContentSchema = z.object({
  kind: z.literal('symlink'),
  /** Stored as data; never followed. */
  target: z.string().min(1).max(LIMITS.symlinkTargetBytes),
})
export const ContentSchema = z.discriminatedUnion('kind', [
  FileContentSchema,
  DirectoryContentSchema,
  SymlinkContentSchema,
])

export type FileContent = z.infer<typeof FileContentSchema>
export type DirectoryContent = z.infer<typeof DirectoryContentSchema>
export type SymlinkContent = z.infer<typeof SymlinkContentSchema>
/** What an entry holds. An entry's kind never changes: a file replaced by a directory is a delete and a create. */
export type Content = z.infer<typeof ContentSchema>
export type EntryKind = Content['kind']

/** Where an entry is. */
export const PlaceSchema = z.object({ parent: EntryIdSchema, name: NameSchema })
export interface Place {
  readonly parent: EntryId
  readonly name: string
}

/**
 * The state of one entry in a folder's change log: three registers, each with
 * its own vector. `seq` is the log position of its last change, unique in the
 * folder.
 */
export const EntryStateSchema = z.object({
  id: OwnEntryIdSchema,
  seq: z.int().min(1),
  parent: EntryIdSchema,
  name: NameSchema,
  placeVector: VersionVectorSchema,
  content: ContentSchema,
  contentVector: VersionVectorSchema,
  /** True for a tombstone. `place` and `content` are then what they were at the delete. */
  deleted: z.boolean(),
  /** The deletes and revivals so far; empty for an entry that was never deleted. */
  existenceVector: VersionVectorSchema,
  /** The entry that kept the name, where this one is a conflict copy. */
  conflictOf: OwnEntryIdSchema.optional(),
})
export type EntryState = z.infer<typeof EntryStateSchema> & Remembered

/** What only deciding needs. It never leaves the coordinator: a node is not told it, and is not believed if it tells it. */
export interface Remembered {
  /** The last deletes that reached the entry, at most `LIMITS.deletesPerEntry`. */
  reachedBy?: readonly ReachedBy[] | undefined
  modeSetBy?: ModeSetBy | undefined
  /**
   * Of a conflict copy that is another version of the file it stands against:
   * what its bytes had seen. None for one that was only after the same name.
   */
  bytesVector?: VersionVector | undefined
  /** Of a file or symlink: who saved and touched what it holds. None where `contentVector` is that of its only save. */
  saves?: Saves | undefined
}

export interface Saves {
  /** What each of the saves that put these bytes here had seen, itself included: no two had seen each other. */
  readonly vectors: readonly VersionVector[]
  /** Changes of only mode or time, to these bytes or to what they replaced; the last `LIMITS.touchesPerEntry`. */
  readonly touches: readonly Touch[]
}

export interface Touch {
  /** Node and counter of the change, written as an entry's id is. */
  readonly touch: EntryId
  /** The version that was touched. */
  readonly of: VersionVector
}

/**
 * A delete that reached an entry: the entry lay where the delete had seen it,
 * and so did every directory between it and the one that was deleted.
 */
export interface ReachedBy {
  /** Node and counter of the delete, written as an entry's id is. */
  readonly delete: EntryId
  /** True if the delete had seen the content as well: then it ends the entry, unless a live child keeps it. */
  readonly ends: boolean
}

/** Who set the mode, as far as that was not whoever created the entry: of two at once, the same one wins everywhere. */
export interface ModeSetBy {
  /** The sum of the counters that the change had seen, its own included: it rises along every chain of causes. */
  readonly at: number
  readonly node: NodeId
}
