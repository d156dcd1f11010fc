import { z } from 'zod'

declare const brand: unique symbol
export type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A node (one installation of the agent), or the coordinator itself. */
export type NodeId = Branded<'NodeId'>
/** A named tree that nodes share. */
export type FolderId = Branded<'FolderId'>
/** A file, directory or symlink; survives renames. The dot that created it: `node.counter` (counter in base 36). */
export type EntryId = Branded<'EntryId'>
/** A chunk, by the lower-case hex SHA-256 of its plain bytes: 64 characters. */
export type ChunkId = Branded<'ChunkId'>
/** The whole content of a file, in the same form. See `onlyChunkOf` for one of a single chunk. */
export type ContentHash = Branded<'ContentHash'>
/** An encoded chunk list (see `encodeManifest`), in the same form. It names neither what is in the list nor what it makes. */
export type ListDigest = Branded<'ListDigest'>
/**
 * Either, where chunks and contents are kept together: what a folder has, what a node has sent, what garbage collection
 * goes through. A small content and its only chunk are one there.
 */
export type Hash = ChunkId | ContentHash

/** The coordinator takes part in every folder's clock under this id, as the author of its own decisions. */
export const COORDINATOR_ID = 'coordinator' as NodeId

/**
 * Whose dots mark what the coordinator decided by itself: a conflict name, a
 * revival, two directories made one. They tell versions apart, and are no
 * event of anybody: whether a change had seen all there was to see is asked
 * without them. No node can take this id.
 */
export const DECISION_ID = 'coordinator!' as NodeId

/** The parent of a folder's top-level entries. It is no entry itself: it can't be moved or deleted. */
export const ROOT_ID = 'root' as EntryId

/** Also what may stand as a key in a version vector. */
export const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const FOLDER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/
const ENTRY_ID = /^(root|[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[0-9a-z]{1,11})$/
const OWN_ENTRY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[0-9a-z]{1,11}$/
const HASH = /^[0-9a-f]{64}$/

export const NodeIdSchema = textLike<NodeId>(NODE_ID)
export const FolderIdSchema = textLike<FolderId>(FOLDER_ID)
/** Where something may lie: an entry, or the root. */
export const EntryIdSchema = textLike<EntryId>(ENTRY_ID)
/** Something that can be changed: never the root. */
export const OwnEntryIdSchema = textLike<EntryId>(OWN_ENTRY_ID)
export const ChunkIdSchema = textLike<ChunkId>(HASH)
export const ContentHashSchema = textLike<ContentHash>(HASH)
export const ListDigestSchema = textLike<ListDigest>(HASH)

/** Text of a pattern, under the type that stands for having been checked. Nothing is transformed: that would cost as much again. */
export function textLike<Id extends string>(pattern: RegExp): z.ZodType<Id, string> {
  const schema: z.ZodType<string, string> = z.string().regex(pattern)
  return schema as z.ZodType<Id, string>
}

/** Says whether `text` can stand as a chunk's id. */
export function isChunkId(text: string): text is ChunkId {
  return HASH.test(text)
}

/** Says whether `text` can stand as a content's hash. */
export function isContentHash(text: string): text is ContentHash {
  return HASH.test(text)
}

/**
 * The chunk that a content consists of, where it is only one: both are named by the SHA-256 of the same bytes. Every
 * content of 1 to `LIMITS.inlineBytes` bytes is such a one, as it is never cut. Of several chunks none has this name, so
 * that looking it up finds nothing.
 */
export function onlyChunkOf(content: ContentHash): ChunkId {
  return content as string as ChunkId
}

/** The reverse: the content that consists of this chunk alone. Whether any file holds it is still to be looked up. */
export function contentOfOnlyChunk(chunk: ChunkId): ContentHash {
  return chunk as string as ContentHash
}

/** A name in lower-case letters, digits and dashes, at most 64: what a folder's id is made of. Empty where nothing is left. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

/** The folder that a person means by id or name, or by a name with the same id. */
export function folderNamed<Folder extends { readonly id: FolderId; readonly name: string }>(
  folders: readonly Folder[],
  text: string,
): Folder | undefined {
  return folders.find(({ id, name }) => id === text || name === text) ?? folders.find(({ id }) => id === slugOf(text))
}

/** Names the entry that the event `counter` of `node` creates. */
export function entryIdOf(node: NodeId, counter: number): EntryId {
  return `${node}.${counter.toString(36)}` as EntryId
}
