import { z } from 'zod'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A node (one installation of the agent), or the coordinator itself. */
export type NodeId = Branded<'NodeId'>
/** A named tree that nodes share. */
export type FolderId = Branded<'FolderId'>
/** A file, directory or symlink; survives renames. The dot that created it: `node.counter` (counter in base 36). */
export type EntryId = Branded<'EntryId'>
/** Lower-case hex SHA-256 of plain bytes: 64 characters. Names a chunk or a whole content. */
export type Hash = Branded<'Hash'>

/** The coordinator takes part in every folder's clock under this id, as the author of its own decisions. */
export const COORDINATOR_ID = 'coordinator' as NodeId

/** The parent of a folder's top-level entries. It is no entry itself: it can't be moved or deleted. */
export const ROOT_ID = 'root' as EntryId

/** Also what may stand as a key in a version vector. */
export const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const FOLDER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/
const ENTRY_ID = /^(root|[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[0-9a-z]{1,11})$/
const HASH = /^[0-9a-f]{64}$/

export const NodeIdSchema = textLike<NodeId>(NODE_ID)
export const FolderIdSchema = textLike<FolderId>(FOLDER_ID)
export const EntryIdSchema = textLike<EntryId>(ENTRY_ID)
export const HashSchema = textLike<Hash>(HASH)

/** Text of a pattern, under the type that stands for having been checked. Nothing is transformed: that would cost as much again. */
function textLike<Id extends string>(pattern: RegExp): z.ZodType<Id, string> {
  const schema: z.ZodType<string, string> = z.string().regex(pattern)
  return schema as z.ZodType<Id, string>
}

/** Says whether `text` can stand as a hash. */
export function isHash(text: string): text is Hash {
  return HASH.test(text)
}

/** Names the entry that the event `counter` of `node` creates. */
export function entryIdOf(node: NodeId, counter: number): EntryId {
  return `${node}.${counter.toString(36)}` as EntryId
}
